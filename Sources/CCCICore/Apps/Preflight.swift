import FoundationEssentials

/// What must be there before anything is created. Every miss names its fix.
public struct Preflight: Sendable {
  public let host: Host
  public let engine: Engine

  public init(host: Host, engine: Engine) {
    self.host = host
    self.engine = engine
  }

  /// Nothing that makes every program of the run load or believe something else.
  public static func checkEnvironment(_ environment: [String: String]) throws(Failure) {
    let hostile = environment.keys.filter { ["LD_PRELOAD", "LD_AUDIT", "BASH_ENV"].contains($0) || $0.hasPrefix("GIT_CONFIG") }
    guard let name = hostile.min() else { return }
    throw Failure(.config, "\(name): is set from outside", why: "the programs of the run would do what it says", next: "unset \(name)")
  }

  /// The engine answers, is a swarm manager, and has the proxy's network. Returns docker's data folder.
  public func checkEngine(proxy: String) async throws(Failure) -> String {
    _ = try await engine.version()
    let node = try await engine.info()
    guard node.swarm == "active", node.isManager else {
      throw Failure(
        .config, "docker engine: is no swarm manager", why: node.swarmError.isEmpty ? "swarm is \(node.swarm)" : node.swarmError,
        next: "docker swarm init --advertise-addr <address>")
    }
    guard let network = try await engine.network(proxy), network.scope == "swarm" else {
      throw Failure(
        .config, "network \(proxy): is missing", why: "every app joins the proxy's overlay network",
        next: "docker network create -d overlay --attachable --subnet 10.200.0.0/16 \(proxy)")
    }
    return node.rootDirectory
  }

  /// The proxy's network has addresses for another app. Returns warnings.
  public func checkAddresses(proxy: String) async throws(Failure) -> [String] {
    guard let network = try await engine.network(proxy) else { return [] }
    let now = host.now()
    let facts = ProxyAddresses.Network(
      name: proxy, subnets: network.subnets, used: try await engine.addressesInUse(network: proxy),
      newTasks: try await engine.newTasks().map { now.timeIntervalSince($0) })
    return [try ProxyAddresses.judge(facts)].compactMap(\.self)
  }

  /// Enough bytes and inodes under each folder. Returns warnings.
  public func checkDisk(_ folders: [String], _ budget: DiskBudget) throws(Failure) -> [String] {
    var warnings: [String] = []
    for folder in folders {
      let space = try Files.space(at: folder)
      switch budget.judge(space) {
      case .fine: continue
      case .warn, .act: warnings.append("\(folder): \(DiskBudget.words(space))")
      case .refuse:
        throw Failure(
          .ioError, "\(folder): no space for a run", why: DiskBudget.words(space),
          next: "ccci-janitor removes dangling images and old records; docker system df and du say what else is there")
      }
    }
    return warnings
  }

  /// The volumes can be read: data is judged on this host, in docker's own folder.
  public func checkVolumeAccess(root: String) throws(Failure) {
    do throws(Failure) { _ = try Files.list("\(root)/volumes") } catch {
      throw Failure(.config, "\(root)/volumes: cannot be read", why: error.why, next: "run as root, on the host that runs the engine")
    }
  }

  /// Programs on PATH that a run calls.
  public func checkPrograms(_ names: [(name: String, package: String)], path: String) throws(Failure) {
    for (name, package) in names {
      let found = path.split(separator: ":").contains { Files.isExecutable("\($0)/\(name)") }
      guard found else { throw Failure(.config, "\(name): not on PATH", next: "install it, on Debian: apt-get install \(package)") }
    }
  }
}

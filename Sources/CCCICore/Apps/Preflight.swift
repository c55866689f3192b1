/// What must be there before anything is created. Every miss names its fix.
public struct Preflight: Sendable {
  public let host: Host
  public let engine: Engine

  public init(host: Host, engine: Engine) {
    self.host = host
    self.engine = engine
  }

  public struct Disk: Sendable {
    public var refuse: Int
    public var warn: Int
    public var floor: Int

    public init(refuse: Int, warn: Int, floor: Int) {
      self.refuse = refuse
      self.warn = warn
      self.floor = floor
    }
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

  /// Enough bytes and inodes under each folder. Returns warnings.
  public func checkDisk(_ folders: [String], _ disk: Disk) throws(Failure) -> [String] {
    var warnings: [String] = []
    for folder in folders {
      let space = try Files.space(at: folder)
      let used = Int((max(space.used, space.inodesUsed) * 100).rounded(.down))
      let what = space.inodesUsed > space.used ? "inodes" : "bytes"
      guard used < disk.refuse, space.free >= UInt64(disk.floor) else {
        throw Failure(
          .ioError, "\(folder): no space for a run", why: "\(used) % of \(what) in use, \(space.free >> 20) MiB free",
          next: "free some: docker image prune, old folders under the runs directory")
      }
      if used >= disk.warn { warnings.append("\(folder): \(used) % of \(what) in use") }
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

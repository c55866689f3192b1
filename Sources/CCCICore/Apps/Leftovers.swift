/// What is left of an app on this host: the list with which every teardown ends.
public struct Leftovers: Sendable, Equatable {
  public var services: [String] = []
  public var containers: [String] = []
  public var networks: [String] = []
  public var volumes: [String] = []
  public var secrets: [String] = []
  public var configs: [String] = []
  /// The app's `.env`, when it is still there.
  public var files: [String] = []

  public var isEmpty: Bool { names.isEmpty }

  /// `volume cust-ab12cd_ci_example_org_content`, one an object.
  public var names: [String] {
    let kinds = [
      ("service", services), ("container", containers), ("network", networks), ("volume", volumes), ("secret", secrets),
      ("config", configs), ("file", files),
    ]
    return kinds.flatMap { kind, names in names.map { "\(kind) \($0)" } }
  }

  /// Whether something still runs, so that volumes cannot be free yet.
  public var isRunning: Bool { !services.isEmpty || !containers.isEmpty || !networks.isEmpty }

  /// Asks by label and by name: `stack rm` leaves volumes and secrets, and abra's secrets carry no stack label.
  public static func list(of domain: AppDomain, env: String, engine: Engine) async throws(Failure) -> Leftovers {
    let stack = domain.stack
    var left = Leftovers()
    left.services = try await engine.services(stack: stack).map(\.name).sorted()
    left.containers = try await engine.containers(stack: stack).map(\.name).sorted()
    left.networks = try await engine.networks(stack: stack).map(\.name).sorted()
    left.volumes = Set(try await engine.volumes(stack: stack).map(\.name) + engine.volumes(named: "\(stack)_").map(\.name)).sorted()
    left.secrets = try await engine.secrets(named: "\(stack)_").map(\.name).sorted()
    left.configs = try await engine.configs(named: "\(stack)_").map(\.name).sorted()
    if try Files.status(env) != nil { left.files = [env] }
    return left
  }
}

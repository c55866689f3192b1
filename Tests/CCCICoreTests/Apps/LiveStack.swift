import CCCICore
import FoundationEssentials
import Glibc

/// Tests against the real swarm run only when this is set.
let hasWorld = getenv("CCCI_WORLD_TESTS") != nil

let liveEngine = Engine(host: .live(), socket: "/var/run/docker.sock")

/// A stack of our own on the real swarm, removed at the end.
struct LiveStack {
  let name: String

  /// Deploys by `docker stack deploy`, as abra does in its own process; returns the moment before.
  @discardableResult
  func deploy(_ services: String, network: String = "driver: overlay") async throws -> Date {
    let before = Date()
    let compose = "version: \"3.8\"\nservices:\n\(services)\nnetworks: {default: {\(network)}}\n"
    let arguments = ["stack", "deploy", "--compose-file", "-", "--resolve-image", "never", name]
    let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp"]
    let command = Command("docker", arguments, environment: environment, input: Array(compose.utf8), limit: .seconds(60))
    let result = try await liveEngine.host.run(command)
    guard result.ok else { throw Failure(.bug, "docker stack deploy", why: result.errorText) }
    return before
  }

  /// Removes services, containers, network and volumes of the stack.
  func remove() async throws {
    for service in try await liveEngine.services(stack: name) { try await liveEngine.removeService(service.id) }
    for container in try await liveEngine.containers(stack: name) { try await liveEngine.removeContainer(container.id) }
    for _ in 0..<100 {
      do {
        for network in try await liveEngine.networks(stack: name) { try await liveEngine.removeNetwork(network.id) }
        for volume in try await liveEngine.volumes(stack: name) { try await liveEngine.removeVolume(volume.name) }
        return
      } catch { try await Task.sleep(for: .milliseconds(200)) }
    }
  }

  /// Runs the body with a stack of that name and removes it whatever happens.
  static func with(_ name: String, _ body: (LiveStack) async throws -> Void) async throws {
    let stack = LiveStack(name: "enginetest-\(name)")
    try await stack.remove()
    do {
      try await body(stack)
    } catch {
      try await stack.remove()
      throw error
    }
    try await stack.remove()
  }

  func watch(since: Date, _ thresholds: CrashLoop.Thresholds = .init(failures: 3, after: 5)) -> StackWatch {
    StackWatch(engine: liveEngine, stack: name, since: since, thresholds: thresholds)
  }
}

/// A service line of a compose file that runs a shell line in a small image.
func service(_ name: String, _ line: String, deploy: String = "", more: String = "") -> String {
  """
    \(name):
      image: ccci/busybox:1.36
      command: ["sh", "-c", "\(line)"]
      stop_grace_period: 1s
      networks: [default]
      \(more)
      deploy: {\(deploy)}
  """
}

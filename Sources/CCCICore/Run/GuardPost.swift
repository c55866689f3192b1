import CSys
import FoundationEssentials
import Glibc

/// Starts the guard of a run: the same program in another mode, in its own session, holding the run's locks.
///
/// It is started before the first side effect and has taken hold of the run before this returns, so that there is no moment at which a
/// killed run has nobody.
struct GuardPost: Sendable {
  let settings: Settings
  let directory: RunDirectory
  let locks: [FileLock]
  let environment: [String: String]

  /// How long a guard may take to report: it is a process start and one open.
  static let patience: Int32 = 10_000

  func start() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard csys_pipe(&ends) == 0 else { throw unguarded("no pipe to be had") }
    let readEnd = Descriptor(owning: ends[0])
    let writeEnd = Descriptor(owning: ends[1])
    let log = open("\(directory.logs)/guard.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard log >= 0, null >= 0 else { throw unguarded(String(cString: strerror(errno))) }
    let logFile = Descriptor(owning: log)
    let input = Descriptor(owning: null)
    let own = try Files.resolve("/proc/self/exe")
    let started = try Program.start(
      own, arguments, environment: childEnvironment, directory: "/",
      standard: (input: input.number, output: writeEnd.number, error: logFile.number), keeping: locks.map(\.descriptor))
    guard started > 0 else { throw unguarded(String(cString: strerror(-started))) }
    close(writeEnd.release())
    try hear(from: readEnd.number)
  }

  private var arguments: [String] { plain + optional.flatMap { name, value in value.map { [name, $0] } ?? [] } }

  private var optional: [(String, String?)] {
    guard settings.keycloak.url != nil else { return [] }
    return [
      ("--keycloak", settings.keycloak.url), ("--keycloak-user", settings.keycloak.user),
      ("--keycloak-password-file", settings.keycloak.passwordFile), ("--authorities", settings.host.authorities),
    ]
  }

  private var plain: [String] {
    [
      "guard", "--pid", "\(getpid())", "--runs", directory.runs, "--id", directory.id, "--engine", settings.host.engine, "--servers",
      "\(settings.host.abraDirectory)/servers/\(settings.host.server)", "--budget", "\(settings.run.teardown.seconds)",
      "--silence", "\(settings.run.silence.seconds)", "--shelf", settings.host.shelf,
    ]
  }

  /// Without the run's cookie: whoever kills the run's family must not kill its guard.
  private var childEnvironment: [String: String] { environment.filter { ["PATH", "HOME", "TMPDIR"].contains($0.key) } }

  /// Waits for the one byte that says "I hold it".
  private func hear(from descriptor: Int32) throws(Failure) {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var byte: UInt8 = 0
    guard poll(&watched, 1, Self.patience) == 1, read(descriptor, &byte, 1) == 1 else { throw unguarded("it did not report") }
  }

  private func unguarded(_ why: String) -> Failure {
    Failure(.bug, "the guard of run \(directory.id) does not start", why: why, next: "look at \(directory.logs)/guard.log")
  }
}

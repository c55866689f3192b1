import CCCICore

/// A folder for one test, removed with everything in it when the value goes.
final class TemporaryFolder: Sendable {
  let path: String

  /// - Parameter inMemory: for thousands of durable writes, each of which would wait for the disk; where there is no `/dev/shm`, on the disk.
  init(inMemory: Bool = false) throws(Failure) {
    let memory = try Files.status("/dev/shm")?.kind == .directory
    let place = inMemory && memory ? "/dev/shm" : "/tmp"
    path = "\(place)/ccci-test-\(RandomID.hex(10))"
    try Files.createDirectory(path, mode: 0o700)
  }

  deinit {
    do { try Files.removeTree(path) } catch { print("left behind: \(error.sentence)") }
  }

  /// The path of a name in it.
  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// A short command of a test: a shell line with the standard PATH.
func shell(_ script: String, limit: Duration = .seconds(20)) async throws(Failure) -> CommandResult {
  try await CommandRunner.run(Command("sh", ["-c", script], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], limit: limit))
}

/// Waits, without hurry, until somebody cancels the task.
func untilCancelled() async {
  while !Task.isCancelled {
    do { try await Task.sleep(for: .milliseconds(5)) } catch { return }
  }
}

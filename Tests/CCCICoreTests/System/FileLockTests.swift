import CCCICore
import Glibc
import Testing

@Suite struct FileLockTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A child that another test starts holds all our descriptors until its `execve`, so a lock may be free a moment later.
  func eventually(_ path: String, holder: String) async throws -> FileLock? {
    for _ in 0..<200 {
      if let lock = try FileLock.attempt(path, holder: holder) { return lock }
      try await Task.sleep(for: .milliseconds(10))
    }
    return nil
  }

  @Test func `one exclusive holder at a time, in one process too`() async throws {
    let path = folder("locks/app")
    var first = try FileLock.attempt(path, holder: "run 1")
    #expect(first != nil)
    #expect(try FileLock.attempt(path, holder: "run 2") == nil)
    #expect(try FileLock.attempt(path, .shared, holder: "run 2") == nil)
    #expect(FileLock.holder(of: path) == "run 1")
    first = nil
    let second = try await eventually(path, holder: "run 2\nwith a second line")
    #expect(second != nil && FileLock.holder(of: path) == "run 2")
  }

  @Test func `many share, and keep an exclusive one out`() throws {
    let path = folder("host")
    let one = try FileLock.attempt(path, .shared, holder: "a")
    let other = try FileLock.attempt(path, .shared, holder: "b")
    #expect(one != nil && other != nil)
    #expect(FileLock.holder(of: path) == nil)
    #expect(try FileLock.attempt(path, holder: "c") == nil)
  }

  @Test func `another process holds it until it is killed`() async throws {
    let path = folder("app")
    let script = "flock -x \(path) sh -c 'echo held; sleep 60'"
    let task = Task {
      try await CommandRunner.run(Command("sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], limit: .seconds(60)))
    }
    while try FileLock.attempt(path, holder: "us") != nil { try await Task.sleep(for: .milliseconds(10)) }
    task.cancel()
    await #expect(throws: Failure.cancelled) { try await task.value }
    #expect(try await eventually(path, holder: "us") != nil)
  }

  @Test func `a file removed under its holder does not lock anybody out or in`() throws {
    let path = folder("app")
    let old = try FileLock.attempt(path, holder: "old")
    try Files.remove(path)
    let new = try #require(try FileLock.attempt(path, holder: "new"))
    var held = stat()
    #expect(fstat(new.descriptor, &held) == 0)
    #expect(try UInt64(held.st_ino) == Files.status(path)?.inode)
    withExtendedLifetime(old) {}
  }

  @Test func `while somebody replaces the file, whoever gets the lock holds the file of that name`() async throws {
    let path = folder("app")
    let vandal = Task.detached {
      while !Task.isCancelled {
        try Files.remove(path)
        try Files.append([1], to: path)
        try await Task.sleep(for: .microseconds(200))
      }
    }
    let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          let lock = try FileLock.attempt(path, holder: "task \(number)")
          try await Task.sleep(for: .milliseconds(2))
          return lock != nil
        }
      }
      return try await group.contains(true)
    }
    #expect(taken)
    vandal.cancel()
    if case .failure(let failure as Failure) = await vandal.result { throw failure }
  }

  @Test func `the descriptor is closed on exec, and a child that is given it holds the lock`() async throws {
    let path = folder("app")
    var lock = try FileLock.attempt(path, holder: "run")
    let number = try #require(lock?.descriptor)
    #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let child = try Program.start("/bin/sleep", ["60"], environment: [:], standard: (null, null, null), keeping: [number])
    lock = nil
    #expect(try FileLock.attempt(path, holder: "janitor") == nil)
    kill(child, SIGKILL)
    #expect(waitpid(child, nil, 0) == child)
    #expect(try await eventually(path, holder: "janitor") != nil)
  }

  @Test func `a link in place of the lock file is refused`() throws {
    try Files.symlink(folder("app"), to: "/tmp/elsewhere")
    #expect(throws: Failure.self) { try FileLock.attempt(folder("app"), holder: "us") }
  }
}

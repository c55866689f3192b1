import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite struct FilesTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `what is written is read back, with its mode, and nothing lies beside it`() throws {
    umask(0o077)
    defer { umask(0o022) }
    try Files.write(Array("one".utf8), to: folder("a"))
    try Files.write(Array("two".utf8), to: folder("a"), mode: 0o640)
    #expect(try Files.read(folder("a")) == Array("two".utf8))
    #expect(try Files.status(folder("a"))?.mode == 0o640)
    #expect(try Files.list(folder.path) == ["a"])
  }

  @Test func `a large file and an empty one are read whole`() throws {
    let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Files.write(large, to: folder("large"))
    #expect(try Files.read(folder("large")) == large)
    try Files.write([], to: folder("empty"))
    #expect(try Files.read(folder("empty")) == [])
  }

  @Test func `missing is no input, unreadable an input error`() throws {
    let missing = #expect(throws: Failure.self) { try Files.read(folder("none")) }
    #expect(missing == Failure(.noInput, "\(folder("none")): cannot be read", why: "no such file", next: "check the path"))
    #expect(try Files.readIfPresent(folder("none")) == nil)
    let unreadable = #expect(throws: Failure.self) { try Files.readIfPresent(folder.path) }
    #expect(unreadable?.code == .ioError)
    #expect(unreadable?.sentence == "\(folder.path): cannot be read: is a directory")
  }

  @Test func `a link is replaced, not written through`() throws {
    try Files.write([1], to: folder("target"))
    try Files.symlink(folder("link"), to: folder("target"))
    try Files.write([2], to: folder("link"))
    #expect(try Files.read(folder("target")) == [1])
    #expect(try Files.status(folder("link"))?.kind == .file)
  }

  @Test(arguments: ["/proc/none/x", "/dev/null/x", "", "/tmp/a\0b"])
  func `an impossible path is refused`(path: String) {
    #expect(throws: Failure.self) { try Files.write([1], to: path) }
    #expect(throws: Failure.self) { try Files.append([1], to: path) }
    #expect(throws: Failure.self) { try Files.createDirectory(path) }
  }

  @Test func `appended lines stand one below the other`() throws {
    for line in ["a\n", "b\n"] { try Files.append(Array(line.utf8), to: folder("log"), mode: 0o600) }
    #expect(try Files.read(folder("log")) == Array("a\nb\n".utf8))
    #expect(try Files.status(folder("log"))?.mode == 0o600)
  }

  @Test func `without space the old file stays whole and nothing is left`() async throws {
    let mounted = try await shell("mount -t tmpfs -o size=128k,nr_inodes=20 none \(folder.path)")
    guard mounted.ok else { try Test.cancel("no mount here: \(mounted.errorText)") }
    defer { umount2(folder.path, 0) }
    try Files.write(Array("old".utf8), to: folder("state"))
    let failure = #expect(throws: Failure.self) { try Files.write([UInt8](repeating: 1, count: 300_000), to: folder("state")) }
    #expect(failure?.code == .ioError)
    #expect(failure?.sentence == "\(folder("state")): cannot be written: no space left")
    #expect(failure?.next == "free space (and inodes) on that filesystem, then repeat")
    #expect(try Files.read(folder("state")) == Array("old".utf8))
    #expect(try Files.list(folder.path) == ["state"])
    let space = try Files.space(at: folder.path)
    #expect(space.total == 128 << 10 && space.free < space.total && space.used > 0 && space.inodes == 20 && space.inodesFree < 20)
  }

  @Test func `whoever reads while a file is written sees one whole file`() async throws {
    let path = folder("state")
    try Files.write([UInt8](repeating: 0, count: 200_000), to: path)
    let written = Locked(0)
    async let problem = PosixThread.run { () -> Failure? in
      do throws(Failure) {
        for number in 1...15 { try Files.write([UInt8](repeating: UInt8(number), count: 200_000), to: path) }
        written.withLock { $0 = 15 }
        return nil
      } catch {
        written.withLock { $0 = 15 }
        return error
      }
    }
    while written.withLock({ $0 }) < 15 {
      let seen = try Files.read(path)
      #expect(seen.count == 200_000 && seen.first == seen.last)
      await Task.yield()
    }
    #expect(await problem == nil)
  }
}

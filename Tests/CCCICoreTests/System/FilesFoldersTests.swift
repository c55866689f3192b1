import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite struct FilesFoldersTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `a directory comes with its parents, twice without complaint`() throws {
    try Files.createDirectory(folder("a/b/c"), mode: 0o750)
    try Files.createDirectory(folder("a/b/c"), mode: 0o700)
    #expect(try Files.status(folder("a/b/c"))?.mode == 0o750)
    #expect(try Files.status(folder("a"))?.kind == .directory)
    try Files.write([], to: folder("file"))
    let failure = #expect(throws: Failure.self) { try Files.createDirectory(folder("file")) }
    #expect(failure?.what == "\(folder("file")): is not a directory")
    #expect(throws: Failure.self) { try Files.createDirectory(folder("file/below")) }
  }

  @Test func `exactly one of many creates a directory exclusively`() async throws {
    let made = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 { group.addTask { try Files.createExclusively(directory: folder("run")) } }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 1)
    #expect(throws: Failure.self) { try Files.createExclusively(directory: folder("no/parent")) }
  }

  @Test func `names are listed in order, a missing directory is no input`() throws {
    for name in ["b", "a", "Z", ".hidden", "ä"] { try Files.write([], to: folder(name)) }
    #expect(try Files.list(folder.path) == [".hidden", "Z", "a", "b", "ä"])
    #expect(#expect(throws: Failure.self) { try Files.list(folder("none")) }?.code == .noInput)
    #expect(#expect(throws: Failure.self) { try Files.list(folder("a")) }?.code == .ioError)
  }

  @Test(arguments: [3, 9000]) func `folders alone are found, with the time of their change`(count: Int) throws {
    let many = try TemporaryFolder(inMemory: true)
    for number in 0..<count {
      try #require(mkdir(many("d\(number)"), 0o700) == 0)
      try #require(
        utimensat(
          AT_FDCWD, many("d\(number)"), [timespec(tv_sec: number, tv_nsec: 500_000_000), timespec(tv_sec: number, tv_nsec: 500_000_000)], 0)
          == 0)
    }
    try Files.write([1], to: many("file"))
    try Files.symlink(many("link"), to: many("d0"))
    #expect(mkfifo(many("pipe"), 0o600) == 0)
    let found = try Files.folders(in: many.path).sorted { $0.changed < $1.changed }
    #expect(found == (0..<count).map { FolderEntry(name: "d\($0)", changed: Date(timeIntervalSince1970: Double($0) + 0.5)) })
  }

  @Test func `a tree is removed, what its links point at is not`() throws {
    try Files.createDirectory(folder("tree/deep/er"))
    try Files.createDirectory(folder("kept"))
    try Files.write([1], to: folder("kept/file"))
    try Files.symlink(folder("tree/deep/out"), to: folder("kept"))
    try Files.symlink(folder("tree/dangling"), to: "/nowhere")
    #expect(mkfifo(folder("tree/pipe"), 0o600) == 0)
    try Files.removeTree(folder("tree"))
    try Files.removeTree(folder("tree"))
    #expect(try Files.list(folder.path) == ["kept"])
    try Files.symlink(folder("link"), to: folder("kept"))
    try Files.removeTree(folder("link"))
    #expect(try Files.list(folder("kept")) == ["file"])
  }

  @Test func `a tree of many levels is removed`() throws {
    let deep = (0..<300).reduce(folder("deep")) { path, _ in path + "/d" }
    try Files.createDirectory(deep)
    try Files.removeTree(folder("deep"))
    #expect(try Files.list(folder.path) == [])
  }

  @Test func `a status tells kind, size, owner and time, of the link itself`() throws {
    try Files.write([1, 2, 3], to: folder("file"), mode: 0o4755)
    let status = try #require(try Files.status(folder("file")))
    #expect(status.kind == .file && status.size == 3 && status.mode == 0o4755 && status.uid == getuid() && status.gid == getgid())
    #expect(abs(status.mtime.timeIntervalSinceNow) < 60)
    #expect(try status.inode > 0 && status.device == Files.status(folder.path)?.device)
    try Files.symlink(folder("link"), to: "file")
    #expect(try Files.status(folder("link"))?.kind == .symlink)
    #expect(try Files.status("/dev/null")?.kind == .device)
    #expect(try Files.status(folder("none")) == nil)
    #expect(try Files.status(folder("file/below")) == nil)
  }

  @Test func `only a file that may be run is executable`() throws {
    try Files.write([], to: folder("yes"), mode: 0o755)
    try Files.write([], to: folder("no"), mode: 0o644)
    try Files.symlink(folder("link"), to: "yes")
    #expect(Files.isExecutable(folder("yes")) && Files.isExecutable(folder("link")))
    #expect(!Files.isExecutable(folder("no")) && !Files.isExecutable(folder.path) && !Files.isExecutable(folder("none")))
  }

  @Test func `links are resolved, replaced and followed to their end`() throws {
    try Files.createDirectory(folder("real/below"))
    try Files.symlink(folder("link"), to: "nowhere")
    try Files.symlink(folder("link"), to: "real")
    #expect(try Files.resolve(folder("link/below/..")) == "\(folder.path)/real")
    #expect(#expect(throws: Failure.self) { try Files.resolve(folder("none")) }?.code == .noInput)
  }

  @Test func `two directories are exchanged in one step`() throws {
    try Files.createDirectory(folder("old/one/"))
    try Files.createDirectory(folder("new/two"))
    try Files.exchange(folder("old"), folder("new"))
    #expect(try Files.list(folder("old")) == ["two"] && Files.list(folder("new")) == ["one"])
    #expect(throws: Failure.self) { try Files.exchange(folder("old"), folder("none")) }
  }

  @Test func `space is counted as df counts it`() async throws {
    let space = try Files.space(at: folder.path)
    let df = try await shell("df -B1 --output=size,avail \(folder.path) | tail -1")
    let numbers = df.text.split(separator: " ").compactMap { UInt64($0.filter(\.isNumber)) }
    #expect(numbers.first == space.total)
    #expect(space.used > 0 && space.used < 1 && space.inodesUsed >= 0 && space.inodesUsed < 1)
  }

  @Test func `files are moved and removed`() throws {
    try Files.write([1], to: folder("a"))
    try Files.move(folder("a"), to: folder("b"))
    #expect(try Files.remove(folder("b")))
    #expect(try !Files.remove(folder("b")))
    #expect(throws: Failure.self) { try Files.remove(folder.path) }
    #expect(throws: Failure.self) { try Files.move(folder("a"), to: folder("b")) }
  }
}

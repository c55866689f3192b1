import Glibc
import Testing

@testable import CCCICore

@Suite struct CanaryTests {
  /// A volume's folder in which an app has written, with canaries.
  private static func planted(mode: UInt32 = 0o755) throws -> (TemporaryFolder, Canary) {
    let folder = try TemporaryFolder()
    try Files.write([1], to: folder("data"))
    try #require(chmod(folder.path, mode) == 0)
    return (folder, try #require(try Canary.plant(in: folder.path, volume: "v", place: "data")))
  }

  @Test(arguments: [(UInt32(0o755), UInt32(0o644)), (0o700, 0o600), (0o777, 0o666), (0o2775, 0o664)])
  func `canaries are two regular dot files with the folder's mode, and no execute bits`(mode: UInt32, expected: UInt32) throws {
    let (folder, canary) = try Self.planted(mode: mode)
    let names = try Files.list(folder.path)
    #expect(names == [".ccci-canary-changed", ".ccci-canary-deleted", "data"])
    for path in [canary.changed, canary.deleted] {
      let status = try #require(try Files.status(path))
      #expect(status.kind == .file && status.mode == expected && status.uid == getuid() && status.gid == getgid())
      #expect(try canary.state(of: path) == .same)
    }
    #expect(names.filter(Canary.isOne).count == 2 && canary.folder == folder.path && canary.content.hasSuffix("\n"))
  }

  @Test func `nothing is planted where nobody has written, in no folder, and beside old canaries alone`() throws {
    let folder = try TemporaryFolder()
    #expect(try Canary.plant(in: folder.path, volume: "v", place: "p") == nil)
    #expect(try Canary.plant(in: folder("none"), volume: "v", place: "p") == nil)
    try Files.write([1], to: folder("file"))
    #expect(try Canary.plant(in: folder("file"), volume: "v", place: "p") == nil)
    try Files.remove(folder("file"))
    try Files.write([1], to: folder(".ccci-canary-changed"))
    #expect(try Canary.plant(in: folder.path, volume: "v", place: "p") == nil)
  }

  @Test func `damage changes one and deletes the other, and is seen`() throws {
    let (folder, canary) = try Self.planted(mode: 0o700)
    defer { withExtendedLifetime(folder) {} }
    try canary.damage()
    #expect(try canary.state(of: canary.changed) == .changed && canary.state(of: canary.deleted) == .gone)
    #expect(try Files.status(canary.changed)?.mode == 0o600)
    try Files.write(Array(canary.content.utf8), to: canary.changed)
    try Files.write(Array(canary.content.utf8), to: canary.deleted)
    #expect(try canary.state(of: canary.changed) == .same && canary.state(of: canary.deleted) == .same)
    for path in [canary.changed, canary.deleted] { try Files.remove(path) }
    try canary.damage()
    #expect(try canary.state(of: canary.changed) == .gone)
  }

  @Test(arguments: ["longer", "shorter", "empty", "link to itself", "link to zeros", "link to a twin", "pipe", "folder"])
  func `whatever an app puts in a canary's place is no canary, and holds nobody up`(what: String) throws {
    let (folder, canary) = try Self.planted()
    let path = canary.changed
    try Files.remove(path)
    switch what {
    case "longer": try Files.write(Array((canary.content + "x").utf8), to: path)
    case "shorter": try Files.write(Array(canary.content.utf8.dropLast()), to: path)
    case "empty": try Files.write([], to: path)
    case "link to itself": try Files.symlink(path, to: path)
    case "link to zeros": try Files.symlink(path, to: "/dev/zero")
    case "link to a twin":
      try Files.write(Array(canary.content.utf8), to: folder("twin"))
      try Files.symlink(path, to: folder("twin"))
    case "pipe": try #require(mkfifo(path, 0o644) == 0)
    default: try Files.createDirectory(path)
    }
    #expect(try canary.state(of: path) == .changed)
  }

  @Test func `two canaries never have the same content`() throws {
    #expect(try Self.planted().1.content != Self.planted().1.content)
  }
}

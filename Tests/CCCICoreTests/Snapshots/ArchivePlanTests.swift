import Testing

@testable import CCCICore

@Suite struct ArchivePlanTests {
  static func entry(_ path: String, _ kind: TreeEntry.Kind = .file, size: Int = 0, inode: UInt64 = 1, links: Int = 1) -> TreeEntry {
    var entry = TreeEntry(path: Array(path.utf8), kind: kind, size: size)
    (entry.inode, entry.links) = (inode, links)
    return entry
  }

  @Test func `files by inode, then further names, then folders from the inside, and no sockets`() {
    let plan = ArchivePlan(
      [
        Self.entry("", .directory), Self.entry("b", .directory), Self.entry("b/c", .directory), Self.entry("late", inode: 9),
        Self.entry("z", inode: 3, links: 2), Self.entry("b/early", inode: 2), Self.entry("a", inode: 3, links: 2), Self.entry("s", .socket),
        Self.entry("elsewhere", inode: 4, links: 2),
      ], sparse: [:])
    #expect(plan.order.map(\.shown) == ["b/early", "a", "elsewhere", "late", "z", "b/c", "b", "."])
    #expect(plan.hardLinks == [4: Array("a".utf8)])
    #expect(plan.sockets == 1)
    #expect(plan.pieces == [.entries(0..<8), .end])
  }

  @Test func `a large file is cut, and small ones share pieces`() {
    let size = (5 << 20) + 3
    let small = (0..<9).map { Self.entry("s\($0)", size: 500_000, inode: UInt64(10 + $0)) }
    let plan = ArchivePlan([Self.entry("", .directory), Self.entry("large", size: size, inode: 2)] + small, sparse: [:])
    var expected: [ArchivePlan.Piece] = [.entries(0..<1)]
    for number in 0..<5 { expected.append(.content(entry: 0, position: number << 20, count: 1 << 20)) }
    expected.append(.content(entry: 0, position: 5 << 20, count: 3))
    // Two are as much as a piece holds.
    for first in [1, 3, 5, 7, 9] { expected.append(.entries(first..<first + 2)) }
    expected.append(.end)
    #expect(plan.pieces == expected)
  }

  @Test func `of a file with holes the data counts`() {
    let path = Array("sparse".utf8)
    let map = SparseMap(extents: [SparseMap.Extent(offset: 1 << 30, count: 4096)], size: 2 << 30)
    let plan = ArchivePlan([Self.entry("", .directory), Self.entry("sparse", size: 2 << 30)], sparse: [path: map])
    #expect(plan.pieces == [.entries(0..<2), .end])
  }
}

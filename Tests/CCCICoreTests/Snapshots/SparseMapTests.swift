import Testing

@testable import CCCICore

@Suite struct SparseMapTests {
  static func map(_ extents: [(Int, Int)], _ size: Int) -> SparseMap {
    SparseMap(extents: extents.map { SparseMap.Extent(offset: $0.0, count: $0.1) }, size: size)
  }

  @Test(arguments: [
    (map([], 0), "0\n"), (map([], 4096), "1\n4096\n0\n"), (map([(0, 10)], 10), "1\n0\n10\n"),
    (map([(512, 10)], 9000), "2\n512\n10\n9000\n0\n"), (map([(0, 1), (4096, 4096)], 8192), "2\n0\n1\n4096\n4096\n"),
  ])
  func `a map is written as GNU tar has it, and read back`(map: SparseMap, text: String) throws {
    let header = map.header
    #expect(header.count % 512 == 0 && header.starts(with: Array(text.utf8)))
    let read = try #require(header.withUnsafeBytes { SparseMap.parse($0, size: map.size) })
    #expect(read.map == map && read.length == header.count)
  }

  @Test(arguments: [
    "", "x", "1\n0\n", "2\n0\n10\n5\n10\n", "1\n0\n101\n", "1\n101\n0\n", "1\n99999999999999999999\n1\n", "-1\n",
    "1\n50\n9223372036854775807\n",
  ])
  func `a map that does not fit its file is none`(text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { SparseMap.parse($0, size: 100) } == nil)
  }

  @Test(arguments: [
    (0, 30, [(100, 10), (200, 20)]), (0, 10, [(100, 10)]), (5, 10, [(105, 5), (200, 5)]), (10, 5, [(200, 5)]), (29, 1, [(219, 1)]),
    (30, 5, []),
  ])
  func `a piece of the data is found in the file`(position: Int, count: Int, pieces: [(Int, Int)]) {
    let map = Self.map([(100, 10), (200, 20)], 1000)
    #expect(map.stored == 30)
    #expect(map.pieces(at: position, count: count) == pieces.map { SparseMap.Extent(offset: $0.0, count: $0.1) })
  }
}

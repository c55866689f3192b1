import Testing

@testable import CCCICore

@Suite struct PaxTests {
  static func entry(_ path: String, _ kind: TreeEntry.Kind = .file, _ change: (inout ArchiveEntry) -> Void = { _ in }) -> ArchiveEntry {
    var entry = ArchiveEntry(tree: TreeEntry(path: Array(path.utf8), kind: kind))
    change(&entry)
    return entry
  }

  static let entries: [ArchiveEntry] = [
    entry("a") { $0.tree.seconds = 1_700_000_000 },
    entry("", .directory) { $0.tree.mode = 0o1777 },
    entry("folder/with", .directory) { $0.tree.mode = 0o2750 },
    entry("set") { $0.tree.mode = 0o6755 },
    entry("nanoseconds") { ($0.tree.seconds, $0.tree.nanoseconds) = (1_700_000_000, 5) },
    entry("before 1970") { ($0.tree.seconds, $0.tree.nanoseconds) = (-1, 999_999_999) },
    entry("long before") { ($0.tree.seconds, $0.tree.nanoseconds) = (-86_400, 500_000_000) },
    entry("before, whole") { $0.tree.seconds = -86_400 },
    entry("after 2242") { $0.tree.seconds = 8_589_934_592 },
    entry("owner") { ($0.tree.uid, $0.tree.gid) = (4_294_967_294, 2_097_152) },
    entry(String(repeating: "x", count: 98)), entry(String(repeating: "y", count: 99)),
    entry((0..<40).map { "\($0)" + String(repeating: "z", count: 200) }.joined(separator: "/")),
    entry("new\nline = %3D"),
    entry("link", .symlink) { $0.target = Array("../nowhere".utf8) },
    entry("long link", .symlink) { $0.target = [UInt8](repeating: 0xff, count: 3000) },
    entry("other name") { $0.hardLink = Array("folder/\(String(repeating: "n", count: 120))".utf8) },
    entry("fifo", .fifo), entry("null", .character) { $0.tree.special = 0x103 }, entry("disk", .block) { $0.tree.special = 0x1_0000_0801 },
    entry("attributes") {
      $0.attributes.items = [
        Attributes.Item(name: Array("user.a=b%c".utf8), value: Array(0...255)), Attributes.Item(name: Array("user.empty".utf8), value: []),
      ]
    },
    entry("holes") {
      $0.tree.size = 100_000
      $0.sparse = SparseMap(extents: [], size: 100_000)
    },
  ]

  @Test(arguments: entries.indices) func `what is written is read back`(_ index: Int) throws {
    let entry = Self.entries[index]
    let buffer = PageBuffer(capacity: 1)
    PaxWriter.append(entry, to: buffer)
    #expect(buffer.count % 512 == 0)
    var reader = PaxReader(buffer.bytes)
    let found = try #require(try reader.next())
    #expect(found.entry == entry && found.isWhole)
    #expect(try reader.next() == nil)
  }

  @Test func `names that are no UTF-8 stay as they are`() throws {
    let entry = ArchiveEntry(tree: TreeEntry(path: [0xff, 0xfe, 0x2f] + [UInt8](repeating: 0x80, count: 200), kind: .file))
    let buffer = PageBuffer(capacity: 1)
    PaxWriter.append(entry, to: buffer)
    var reader = PaxReader(buffer.bytes)
    #expect(try reader.next()?.entry.tree.path == entry.tree.path)
  }

  @Test(arguments: ["/etc/passwd", "../x", "a/../../x", "a//b", "./", "a/./b"])
  func `an archive that leads outside is refused`(name: String) throws {
    let buffer = PageBuffer(capacity: 1)
    PaxWriter.append(Self.entry("placeholder"), to: buffer)
    // The header's name, and its checksum, as a forger would write them.
    let bytes = UnsafeMutableRawBufferPointer(start: buffer.start, count: 512)
    for place in 0..<100 { bytes[place] = 0 }
    for (place, byte) in name.utf8.enumerated() { bytes[place] = byte }
    for place in 148..<156 { bytes[place] = 0x20 }
    let sum = bytes.reduce(0) { $0 + Int($1) }
    let octal = String(sum, radix: 8)
    let digits = String(repeating: "0", count: 6 - octal.count) + octal
    for (place, byte) in digits.utf8.enumerated() { bytes[148 + place] = byte }
    bytes[154] = 0
    var reader = PaxReader(buffer.bytes)
    if name == "./" { return #expect(try reader.next()?.entry.tree.path == []) }
    #expect(throws: Failure.self) { try reader.next() }
  }

  @Test func `every byte of a header counts`() throws {
    let buffer = PageBuffer(capacity: 1)
    PaxWriter.append(Self.entries[0], to: buffer)
    // But the last of the checksum's own field, which is a space.
    for place in 0..<500 where place != 155 {
      let byte = buffer.start.load(fromByteOffset: place, as: UInt8.self)
      buffer.start.storeBytes(of: byte ^ 0x40, toByteOffset: place, as: UInt8.self)
      var reader = PaxReader(buffer.bytes)
      #expect(throws: Failure.self, "byte \(place)") { try reader.next() }
      buffer.start.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
    }
  }
}

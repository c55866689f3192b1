import Testing

@testable import CCCICore

@Suite struct ZstdTests {
  static func noise(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<(count + 7) / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }.prefix(count).map { $0 }
  }

  @Test(arguments: [
    [], [1], [UInt8](repeating: 7, count: 3_000_000), noise(100), noise(262_145), noise(2 << 20), noise(131_072 * 3),
    noise(600_000) + [UInt8](repeating: 0, count: 9),
  ])
  func `what is packed is unpacked, and its frame says how long both are`(bytes: [UInt8]) throws {
    let zstd = try Zstd()
    let (packed, plain) = (PageBuffer(capacity: 1), PageBuffer(capacity: 1))
    try bytes.withUnsafeBytes { try zstd.pack($0, into: packed) }
    let length = packed.count
    #expect(length <= bytes.count + 1024)
    Zstd.pad(packed, to: 4096)
    #expect(packed.count % 4096 == 0)
    #expect(Zstd.frameLength(packed.bytes) == length && Zstd.frameContent(packed.bytes) == bytes.count)
    if packed.count > length {
      #expect(Zstd.frameLength(UnsafeRawBufferPointer(rebasing: packed.bytes[length...])) == packed.count - length)
    }
    try zstd.unpack(UnsafeRawBufferPointer(rebasing: packed.bytes[..<length]), size: bytes.count, into: plain)
    #expect(Array(plain.bytes) == bytes)
  }

  @Test func `a frame that holds something else than was said is damaged`() throws {
    let zstd = try Zstd()
    let (packed, plain) = (PageBuffer(capacity: 1), PageBuffer(capacity: 1))
    try [UInt8](repeating: 7, count: 1000).withUnsafeBytes { try zstd.pack($0, into: packed) }
    for size in [0, 999, 1001] { #expect(throws: Failure.self) { try zstd.unpack(packed.bytes, size: size, into: plain) } }
    #expect(Zstd.frameLength(UnsafeRawBufferPointer(rebasing: packed.bytes[..<5])) == nil)
  }
}

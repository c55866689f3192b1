import Glibc

/// Memory at a page boundary, as reads and writes past the page cache want it. One owner at a time.
final class PageBuffer: @unchecked Sendable {
  private(set) var start: UnsafeMutableRawPointer
  private(set) var capacity: Int
  /// How many bytes are filled.
  var count = 0

  static let page = 4096

  init(capacity: Int) {
    self.capacity = Self.rounded(capacity)
    start = .allocate(byteCount: self.capacity, alignment: Self.page)
  }

  deinit { start.deallocate() }

  /// The filled bytes.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
  /// Where the next byte goes.
  var end: UnsafeMutableRawPointer { start + count }

  /// Sees to it that so many more bytes find room.
  func reserve(_ more: Int) {
    guard count + more > capacity else { return }
    let grown = Self.rounded(max(count + more, capacity + capacity / 2))
    let new = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: Self.page)
    new.copyMemory(from: start, byteCount: count)
    start.deallocate()
    start = new
    capacity = grown
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    if let base = bytes.baseAddress, !bytes.isEmpty { end.copyMemory(from: base, byteCount: bytes.count) }
    count += bytes.count
  }

  func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  /// Zeros up to the next multiple of `unit`.
  func pad(to unit: Int) {
    let missing = (unit - count % unit) % unit
    reserve(missing)
    memset(end, 0, missing)
    count += missing
  }

  private static func rounded(_ size: Int) -> Int { (max(size, 1) + page - 1) / page * page }
}

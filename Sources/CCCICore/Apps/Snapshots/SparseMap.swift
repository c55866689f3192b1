import CSys
import Glibc

/// Where a file with holes has data. Written before the data of an archive entry as GNU tar's sparse format 1.0 has it.
struct SparseMap: Sendable, Equatable {
  struct Extent: Sendable, Equatable {
    /// In the file, bytes.
    var offset: Int
    var count: Int
  }

  /// Rising, not touching; the holes are what lies between, before and behind them.
  var extents: [Extent]
  /// The file's length with its holes.
  var size: Int

  /// Bytes of data, without the holes.
  var stored: Int { extents.reduce(0) { $0 + $1.count } }

  /// Asks the filesystem.
  static func of(_ file: Int32, size: Int) throws(SystemError) -> SparseMap {
    var map = SparseMap(extents: [], size: size)
    var place: Int64 = 0
    while place < Int64(size) {
      let data = csys_next_data(file, place)
      if data == -Int64(ENXIO) { break }
      guard data >= 0 else { throw SystemError(Int32(-data)) }
      let hole = csys_next_hole(file, data)
      guard hole >= 0 else { throw SystemError(Int32(-hole)) }
      let end = min(hole, Int64(size))
      if end > data { map.extents.append(Extent(offset: Int(data), count: Int(end - data))) }
      place = max(hole, data + 1)
    }
    return map
  }

  /// The pieces of the file that bytes `position ..< position + count` of the stored data are.
  func pieces(at position: Int, count: Int) -> [Extent] {
    var found: [Extent] = []
    var passed = 0
    for extent in extents {
      let start = max(position, passed)
      let end = min(position + count, passed + extent.count)
      if start < end { found.append(Extent(offset: extent.offset + start - passed, count: end - start)) }
      passed += extent.count
      if passed >= position + count { break }
    }
    return found
  }

  /// The map as it stands before the data: decimal numbers a line, filled up to a whole block. A hole at the end is an empty extent there.
  var header: [UInt8] {
    let ends = extents.last.map { $0.offset + $0.count == size } ?? (size == 0)
    let listed = extents + (ends ? [] : [Extent(offset: size, count: 0)])
    var text = "\(listed.count)\n"
    for extent in listed { text += "\(extent.offset)\n\(extent.count)\n" }
    let bytes = Array(text.utf8)
    return bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  /// Reads a map back; nil when it is none that fits `size`. `length` is how many bytes it took.
  static func parse(_ bytes: UnsafeRawBufferPointer, size: Int) -> (map: SparseMap, length: Int)? {
    var place = 0
    func number() -> Int? {
      var value = 0
      var digits = 0
      while place < bytes.count, (48...57).contains(bytes[place]), digits < 19 {
        let (product, tooBig) = value.multipliedReportingOverflow(by: 10)
        guard !tooBig, product <= Int.max - 9 else { return nil }
        value = product + Int(bytes[place] - 48)
        place += 1
        digits += 1
      }
      guard digits > 0, place < bytes.count, bytes[place] == 10 else { return nil }
      place += 1
      return value
    }
    guard let count = number(), count <= bytes.count else { return nil }
    var map = SparseMap(extents: [], size: size)
    var end = 0
    for _ in 0..<count {
      guard let offset = number(), let length = number(), offset >= end, length <= size, offset <= size - length else { return nil }
      end = offset + length
      if length > 0 { map.extents.append(Extent(offset: offset, count: length)) }
    }
    return (map, (place + 511) / 512 * 512)
  }
}

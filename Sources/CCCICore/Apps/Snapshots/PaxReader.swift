import CSys
import Glibc

/// Reads the entries of a pax archive, one after the other, from a piece of it that begins at a header.
struct PaxReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// An entry, and as much of its content as lies in this piece.
  struct Found {
    var entry: ArchiveEntry
    /// All of it, or nothing: large content stands in pieces of its own.
    var content: UnsafeRawBufferPointer
    var isWhole: Bool
  }

  /// nil at the end of the piece or of the archive. Anything that is no archive of ours is `badData`.
  mutating func next() throws(Failure) -> Found? {
    var more = Extra()
    while place < bytes.count {
      let header = try block()
      if header.allSatisfy({ $0 == 0 }) { return nil }
      try check(header)
      let type = header[156]
      if type == UInt8(ascii: "x") {
        more = try Extra(records: try take(try octal(header, 124, 12)))
        continue
      }
      return try found(header, type, more)
    }
    return nil
  }

  /// What a pax header says.
  fileprivate struct Extra {
    var path: [UInt8]?
    var target: [UInt8]?
    var uid: UInt32?
    var gid: UInt32?
    var size: Int?
    var time: (seconds: Int, nanoseconds: Int)?
    var attributes = Attributes()
    var sparseSize: Int?

    init() {}
  }

  private mutating func block() throws(Failure) -> UnsafeRawBufferPointer {
    guard place + 512 <= bytes.count else { throw Self.damaged("a header is cut off") }
    defer { place += 512 }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + 512])
  }

  /// So many bytes, and past the fill behind them.
  private mutating func take(_ count: Int) throws(Failure) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - place else { throw Self.damaged("content is cut off") }
    defer { place = min(bytes.count, place + (count + 511) / 512 * 512) }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  private mutating func found(_ header: UnsafeRawBufferPointer, _ type: UInt8, _ more: Extra) throws(Failure) -> Found {
    let name = more.path ?? text(header, 0, 100)
    var tree = TreeEntry(path: try Self.inside(name), kind: .file)
    tree.mode = UInt32(try octal(header, 100, 8)) & 0o7777
    let (uid, gid, seconds) = (try octal(header, 108, 8), try octal(header, 116, 8), try octal(header, 136, 12))
    tree.uid = more.uid ?? UInt32(uid)
    tree.gid = more.gid ?? UInt32(gid)
    tree.seconds = more.time?.seconds ?? seconds
    tree.nanoseconds = more.time?.nanoseconds ?? 0
    let written = try octal(header, 124, 12)
    let size = more.size ?? written
    let target = more.target ?? text(header, 157, 100)
    var entry = ArchiveEntry(tree: tree, attributes: more.attributes)
    switch type {
    case UInt8(ascii: "0"), 0: return try file(entry, size: size, sparseSize: more.sparseSize)
    case UInt8(ascii: "1"): entry.hardLink = try Self.inside(target)
    case UInt8(ascii: "2"): (entry.tree.kind, entry.target) = (.symlink, target)
    case UInt8(ascii: "3"), UInt8(ascii: "4"):
      entry.tree.kind = type == UInt8(ascii: "3") ? .character : .block
      entry.tree.special = csys_device(UInt32(try octal(header, 329, 8)), UInt32(try octal(header, 337, 8)))
    case UInt8(ascii: "5"): entry.tree.kind = .directory
    case UInt8(ascii: "6"): entry.tree.kind = .fifo
    default: throw Self.damaged("an entry is of the unknown type \(type)")
    }
    entry.tree.size = 0
    return Found(entry: entry, content: UnsafeRawBufferPointer(start: nil, count: 0), isWhole: true)
  }

  private mutating func file(_ plain: ArchiveEntry, size: Int, sparseSize: Int?) throws(Failure) -> Found {
    var entry = plain
    var content = size
    entry.tree.size = size
    if let sparseSize {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
      guard let (map, length) = SparseMap.parse(rest, size: sparseSize), map.stored == size - length, length <= rest.count else {
        throw Self.damaged("the map of a sparse file is wrong")
      }
      (entry.sparse, entry.tree.size) = (map, sparseSize)
      place += length
      content = map.stored
    }
    if content > 0, place == bytes.count {
      return Found(entry: entry, content: UnsafeRawBufferPointer(start: nil, count: 0), isWhole: false)
    }
    return Found(entry: entry, content: try take(content), isWhole: true)
  }

  /// A path below the root, without `./` before and `/` behind; `badData` for one that could leave it.
  private static func inside(_ name: [UInt8]) throws(Failure) -> [UInt8] {
    var path = name[...]
    if path.last == 47, path.count > 1 { path = path.dropLast() }
    if path.elementsEqual([46]) { return [] }
    if path.starts(with: [46, 47]) { path = path.dropFirst(2) }
    let parts = path.split(separator: 47, omittingEmptySubsequences: false)
    guard !path.contains(0), !parts.contains(where: { $0.isEmpty || $0.elementsEqual([46]) || $0.elementsEqual([46, 46]) }) else {
      throw damaged("the name \(String(decoding: name, as: UTF8.self)) leads outside")
    }
    return Array(path)
  }

  private func check(_ header: UnsafeRawBufferPointer) throws(Failure) {
    let sum = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
    guard try octal(header, 148, 7) == sum else { throw Self.damaged("the checksum of a header is wrong") }
  }

  private func octal(_ header: UnsafeRawBufferPointer, _ start: Int, _ count: Int) throws(Failure) -> Int {
    var value = 0
    for byte in header[start..<start + count] where byte != 0 && byte != 0x20 {
      guard (48...55).contains(byte) else { throw Self.damaged("a number of a header is wrong") }
      value = value << 3 | Int(byte - 48)
    }
    return value
  }

  private func text(_ header: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> [UInt8] {
    Array(header[start..<start + count].prefix { $0 != 0 })
  }

  static func damaged(_ why: String) -> Failure { Failure(.badData, "an archive is damaged", why: why) }
}

extension PaxReader.Extra {
  /// Records `<length> <key>=<value>\n`. Keys that we do not write are passed over.
  fileprivate init(records: UnsafeRawBufferPointer) throws(Failure) {
    self.init()
    var rest = Array(records)[...]
    while !rest.isEmpty {
      let digits = rest.prefix { (48...57).contains($0) }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length <= rest.count, length > digits.count + 2,
        rest[rest.startIndex + digits.count] == 0x20, rest[rest.startIndex + length - 1] == 10
      else { throw PaxReader.damaged("a pax record is wrong") }
      let record = rest[(rest.startIndex + digits.count + 1)..<(rest.startIndex + length - 1)]
      guard let equals = record.firstIndex(of: 0x3d) else { throw PaxReader.damaged("a pax record is wrong") }
      try take(Array(record[..<equals]), Array(record[(equals + 1)...]))
      rest = rest.dropFirst(length)
    }
  }

  private mutating func take(_ key: [UInt8], _ value: [UInt8]) throws(Failure) {
    if key.starts(with: PaxWriter.attributePrefix) {
      let name = Self.unescaped(key.dropFirst(PaxWriter.attributePrefix.count))
      return attributes.items.append(Attributes.Item(name: name, value: value))
    }
    switch String(decoding: key, as: UTF8.self) {
    case "path", "GNU.sparse.name": path = value
    case "linkpath": target = value
    case "uid": uid = UInt32(truncatingIfNeeded: try number(value))
    case "gid": gid = UInt32(truncatingIfNeeded: try number(value))
    case "size": size = try number(value)
    case "mtime": time = try Self.time(value)
    case "GNU.sparse.realsize": sparseSize = try number(value)
    default: break
    }
  }

  private func number(_ value: [UInt8]) throws(Failure) -> Int {
    guard let number = Int(String(decoding: value, as: UTF8.self)), number >= 0 else {
      throw PaxReader.damaged("a pax record is no number")
    }
    return number
  }

  /// The counterpart of `PaxWriter`'s: a negative time counts its fraction backwards.
  private static func time(_ value: [UInt8]) throws(Failure) -> (seconds: Int, nanoseconds: Int) {
    let isNegative = value.first == 0x2d
    let parts = value.dropFirst(isNegative ? 1 : 0).split(separator: 0x2e, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? Array(parts[1].prefix(9)) : []
    let filled = fraction + [UInt8](repeating: 48, count: 9 - fraction.count)
    guard (1...2).contains(parts.count), let whole = Int(String(decoding: parts[0], as: UTF8.self)),
      let nanoseconds = Int(String(decoding: filled, as: UTF8.self))
    else { throw PaxReader.damaged("a time is wrong") }
    guard isNegative else { return (whole, nanoseconds) }
    return nanoseconds == 0 ? (-whole, 0) : (-whole - 1, 1_000_000_000 - nanoseconds)
  }

  private static func unescaped(_ key: ArraySlice<UInt8>) -> [UInt8] {
    var name: [UInt8] = []
    var rest = key
    while let byte = rest.popFirst() {
      let code = byte == 0x25 ? Array(rest.prefix(2)) : []
      switch code {
      case Array("3D".utf8): name.append(0x3d)
      case Array("25".utf8): name.append(0x25)
      default:
        name.append(byte)
        continue
      }
      rest = rest.dropFirst(2)
    }
    return name
  }
}

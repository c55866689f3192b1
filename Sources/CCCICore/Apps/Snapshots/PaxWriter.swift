import CSys
import Glibc

/// Headers of a pax archive (POSIX.1-2001), as GNU tar 1.30 and newer read them with all they say.
enum PaxWriter {
  /// Appends the headers of an entry and its sparse map. Its content comes next, filled up to whole blocks of 512 bytes.
  static func append(_ entry: ArchiveEntry, to buffer: PageBuffer) {
    let records = records(of: entry)
    if !records.isEmpty {
      appendHeader(Fields(name: Array("././@PaxHeader".utf8), size: records.count, type: "x"), to: buffer)
      buffer.append(records)
      buffer.pad(to: 512)
    }
    appendHeader(fields(of: entry), to: buffer)
    if let sparse = entry.sparse { buffer.append(sparse.header) }
  }

  /// Two empty blocks.
  static func appendEnd(to buffer: PageBuffer) {
    buffer.append([UInt8](repeating: 0, count: 1024))
  }

  private struct Fields {
    var name: [UInt8]
    var mode: UInt32 = 0o644
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    var size = 0
    var seconds = 0
    var type: Character
    var target: [UInt8] = []
    var device: UInt64?
  }

  private static func fields(of entry: ArchiveEntry) -> Fields {
    let tree = entry.tree
    let type: Character =
      switch tree.kind {
      case _ where entry.hardLink != nil: "1"
      case .file, .socket: "0"
      case .symlink: "2"
      case .character: "3"
      case .block: "4"
      case .directory: "5"
      case .fifo: "6"
      }
    var fields = Fields(name: name(of: tree), mode: tree.mode, uid: tree.uid, gid: tree.gid, type: type)
    fields.seconds = tree.seconds
    fields.size = entry.content + (entry.sparse?.header.count ?? 0)
    fields.target = entry.hardLink.map { [46, 47] + $0 } ?? entry.target
    if tree.kind == .character || tree.kind == .block { fields.device = tree.special }
    if entry.sparse != nil { fields.name = Array("./GNUSparseFile.0/".utf8) + (tree.path.split(separator: 47).last ?? []) }
    return fields
  }

  private static func name(of tree: TreeEntry) -> [UInt8] {
    let name: [UInt8] = tree.path.isEmpty ? [46] : [46, 47] + tree.path
    return tree.kind == .directory ? name + [47] : name
  }

  /// What does not fit the old header: each record `<length> <key>=<value>\n`.
  private static func records(of entry: ArchiveEntry) -> [UInt8] {
    var records: [UInt8] = []
    let tree = entry.tree
    let name = name(of: tree)
    let add = { (key: String, value: [UInt8]) in append(Array(key.utf8), value, to: &records) }
    if let sparse = entry.sparse {
      add("GNU.sparse.major", [49])
      add("GNU.sparse.minor", [48])
      add("GNU.sparse.name", name)
      add("GNU.sparse.realsize", Array("\(sparse.size)".utf8))
    } else if name.count > 100 {
      add("path", name)
    }
    let target = entry.hardLink.map { [46, 47] + $0 } ?? entry.target
    if target.count > 100 { add("linkpath", target) }
    if tree.uid > 0o7777777 { add("uid", Array("\(tree.uid)".utf8)) }
    if tree.gid > 0o7777777 { add("gid", Array("\(tree.gid)".utf8)) }
    let size = entry.content + (entry.sparse?.header.count ?? 0)
    if size > 0o77777777777 { add("size", Array("\(size)".utf8)) }
    if tree.nanoseconds != 0 || !(0...0o77777777777).contains(tree.seconds) { add("mtime", Array(time(tree).utf8)) }
    for item in entry.attributes.items {
      let lists = ["system.posix_acl_access": "SCHILY.acl.access", "system.posix_acl_default": "SCHILY.acl.default"]
      if let key = lists[String(decoding: item.name, as: UTF8.self)], let text = AccessList.text(item.value) { add(key, Array(text.utf8)) }
      append(attributePrefix + item.name.flatMap(escaped), item.value, to: &records)
    }
    return records
  }

  static let attributePrefix = Array("SCHILY.xattr.".utf8)

  /// As GNU tar does it: a key ends at its first `=`.
  private static func escaped(_ byte: UInt8) -> [UInt8] {
    switch byte {
    case 0x3d: Array("%3D".utf8)
    case 0x25: Array("%25".utf8)
    default: [byte]
    }
  }

  /// Decimal seconds with their fraction: `1700000000.25`, `-1.5`.
  private static func time(_ tree: TreeEntry) -> String {
    let isNegative = tree.seconds < 0 && tree.nanoseconds > 0
    let whole = isNegative ? tree.seconds + 1 : tree.seconds
    let rest = isNegative ? 1_000_000_000 - tree.nanoseconds : tree.nanoseconds
    let sign = isNegative && whole == 0 ? "-" : ""
    guard rest > 0 else { return "\(whole)" }
    let digits = String(rest)
    return "\(sign)\(whole).\(String(repeating: "0", count: 9 - digits.count))\(digits)"
  }

  /// The length counts itself.
  private static func append(_ key: [UInt8], _ value: [UInt8], to records: inout [UInt8]) {
    let rest = key.count + value.count + 3
    var length = rest + 1
    while rest + String(length).utf8.count != length { length = rest + String(length).utf8.count }
    records += Array(String(length).utf8)
    records.append(0x20)
    records += key
    records.append(0x3d)
    records += value
    records.append(10)
  }

  private static func appendHeader(_ fields: Fields, to buffer: PageBuffer) {
    buffer.reserve(512)
    let block = UnsafeMutableRawBufferPointer(start: buffer.end, count: 512)
    memset(buffer.end, 0, 512)
    text(fields.name, into: block, at: 0, room: 100)
    octal(UInt64(fields.mode), into: block, at: 100, digits: 7)
    octal(UInt64(min(fields.uid, 0o7777777)), into: block, at: 108, digits: 7)
    octal(UInt64(min(fields.gid, 0o7777777)), into: block, at: 116, digits: 7)
    octal(UInt64(min(fields.size, 0o77777777777)), into: block, at: 124, digits: 11)
    octal(UInt64(min(max(fields.seconds, 0), 0o77777777777)), into: block, at: 136, digits: 11)
    block[156] = fields.type.asciiValue ?? 48
    text(fields.target, into: block, at: 157, room: 100)
    text(Array("ustar\u{0}00".utf8), into: block, at: 257, room: 8)
    if let device = fields.device {
      octal(UInt64(csys_major(device)), into: block, at: 329, digits: 7)
      octal(UInt64(csys_minor(device)), into: block, at: 337, digits: 7)
    }
    for place in 148..<156 { block[place] = 0x20 }
    let sum = block.reduce(UInt64(0)) { $0 + UInt64($1) }
    octal(sum, into: block, at: 148, digits: 6)
    block[154] = 0
    buffer.count += 512
  }

  private static func text(_ bytes: [UInt8], into block: UnsafeMutableRawBufferPointer, at place: Int, room: Int) {
    for (index, byte) in bytes.prefix(room).enumerated() { block[place + index] = byte }
  }

  private static func octal(_ value: UInt64, into block: UnsafeMutableRawBufferPointer, at place: Int, digits: Int) {
    var rest = value
    for index in (0..<digits).reversed() {
      block[place + index] = 48 + UInt8(rest & 7)
      rest >>= 3
    }
  }
}

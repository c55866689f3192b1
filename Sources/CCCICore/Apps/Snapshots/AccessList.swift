/// A POSIX ACL: the kernel's bytes, in the words that GNU tar and other archivers expect.
enum AccessList {
  /// `user::rw-,user:1000:r--,group::r--,mask::rw-,other::---`; ids are numbers. nil for bytes of another form.
  ///
  /// Source: `linux/posix_acl_xattr.h`: version 2, then tag, permissions and id of each entry, little-endian.
  static func text(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 4, bytes.count % 8 == 4, bytes[0] == 2, bytes[1...3].allSatisfy({ $0 == 0 }) else { return nil }
    var words: [String] = []
    for start in stride(from: 4, to: bytes.count, by: 8) {
      let number = { (offset: Int, count: Int) in
        (0..<count).reduce(UInt32(0)) { $0 | UInt32(bytes[start + offset + $1]) << UInt32(8 * $1) }
      }
      let (tag, permissions, id) = (number(0, 2), number(2, 2), number(4, 4))
      let who: String? =
        switch tag {
        case 0x01: "user:"
        case 0x02: "user:\(id)"
        case 0x04: "group:"
        case 0x08: "group:\(id)"
        case 0x10: "mask:"
        case 0x20: "other:"
        default: nil
        }
      guard let who else { return nil }
      let letters = [(4, "r"), (2, "w"), (1, "x")].map { permissions & UInt32($0.0) != 0 ? $0.1 : "-" }.joined()
      words.append("\(who):\(letters)")
    }
    return words.joined(separator: ",")
  }
}

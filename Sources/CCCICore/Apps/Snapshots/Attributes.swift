import CSys
import Glibc

/// The extended attributes of a file, ACLs and capabilities among them, as raw bytes.
struct Attributes: Sendable, Equatable {
  struct Item: Sendable, Equatable {
    /// `user.note`, `system.posix_acl_access`.
    var name: [UInt8]
    var value: [UInt8]
  }

  var items: [Item] = []

  /// Those of an open file.
  static func of(_ file: Int32) throws(SystemError) -> Attributes {
    try read(list: { csys_open_attributes(file, $0, $1) }, get: { csys_open_attribute(file, $0, $1, $2) })
  }

  /// Those of anything; of a link its own.
  static func of(_ path: [UInt8], in root: TreeRoot) throws(SystemError) -> Attributes {
    try root.reachByPath(path) { (path) throws(SystemError) in
      try read(list: { csys_attributes(path, $0, $1) }, get: { csys_attribute(path, $0, $1, $2) })
    }
  }

  /// Puts them on what stands at the path.
  func set(on path: [UInt8], in root: TreeRoot) throws(SystemError) {
    guard !items.isEmpty else { return }
    try root.reachByPath(path) { (path) throws(SystemError) in
      for item in items {
        let name = item.name + [0]
        let done = name.withUnsafeBytes { name in
          item.value.withUnsafeBytes { value in
            name.bindMemory(to: CChar.self).baseAddress.map { csys_set_attribute(path, $0, value.baseAddress, value.count) } ?? -EINVAL
          }
        }
        guard done == 0 else { throw SystemError(-done) }
      }
    }
  }

  /// Takes them from what stands at the path. Those of a security module stay where it does not let them go.
  func remove(from path: [UInt8], in root: TreeRoot) throws(SystemError) {
    guard !items.isEmpty else { return }
    try root.reachByPath(path) { (path) throws(SystemError) in
      for item in items {
        let name = item.name + [0]
        let done = name.withUnsafeBytes { $0.bindMemory(to: CChar.self).baseAddress.map { csys_remove_attribute(path, $0) } ?? -EINVAL }
        let isSecurity = item.name.starts(with: Array("security.".utf8))
        guard done == 0 || done == -ENODATA || isSecurity else { throw SystemError(-done) }
      }
    }
  }

  private static func read(
    list: (UnsafeMutablePointer<CChar>?, Int) -> Int, get: (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
  ) throws(SystemError) -> Attributes {
    let wanted = list(nil, 0)
    // A filesystem without attributes has none.
    if wanted == 0 || wanted == -Int(EOPNOTSUPP) { return Attributes() }
    guard wanted > 0 else { throw SystemError(Int32(-wanted)) }
    var names = [CChar](repeating: 0, count: wanted + 1)
    let size = names.withUnsafeMutableBufferPointer { list($0.baseAddress, wanted) }
    guard size >= 0 else { throw SystemError(Int32(-size)) }
    var found = Attributes()
    for name in names.prefix(size).split(separator: 0) {
      // How XFS keeps ACLs, which are listed by their own names too.
      if name.starts(with: "trusted.SGI_ACL_".utf8.map { CChar(bitPattern: $0) }) { continue }
      let text = Array(name) + [0]
      let length = text.withUnsafeBufferPointer { $0.baseAddress.map { get($0, nil, 0) } ?? -Int(EINVAL) }
      guard length >= 0 else { throw SystemError(Int32(-length)) }
      var value = [UInt8](repeating: 0, count: length)
      let read = text.withUnsafeBufferPointer { text in
        value.withUnsafeMutableBytes { value in text.baseAddress.map { get($0, value.baseAddress, length) } ?? -Int(EINVAL) }
      }
      guard read == length else { throw SystemError(read < 0 ? Int32(-read) : EAGAIN) }
      found.items.append(Item(name: name.map { UInt8(bitPattern: $0) }, value: value))
    }
    found.items.sort { $0.name.lexicographicallyPrecedes($1.name) }
    return found
  }
}

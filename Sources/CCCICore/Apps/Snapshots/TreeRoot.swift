import CSys
import Glibc

/// An open directory below which things are reached by paths of bytes of any length. Nothing outside can be named through it.
public final class TreeRoot: Sendable {
  public let path: String
  let number: Int32

  /// Opens the directory; `noInput` when there is none.
  public init(_ path: String) throws(Failure) {
    self.path = path
    number = csys_open_folder(AT_FDCWD, try Files.plain(path), 1)
    guard number >= 0 else {
      throw .file(path, "cannot be opened", SystemError(-number), code: number == -ENOENT ? .noInput : .ioError)
    }
  }

  deinit { close(number) }

  /// Calls `body` with an open directory and a name that the system accepts: the kernel takes no path of 4096 bytes or more, so the
  /// folders of a longer one are walked.
  func reach<Result>(
    _ path: borrowing [UInt8], _ body: (Int32, UnsafePointer<CChar>) throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    if path.isEmpty { return try Self.withName([46][...]) { (name) throws(SystemError) in try body(number, name) } }
    if path.count <= Self.longest { return try Self.withName(path[...]) { (name) throws(SystemError) in try body(number, name) } }
    var rest = path[...]
    var folder = number
    defer { if folder != number { close(folder) } }
    while rest.count > Self.longest {
      guard let slash = rest.prefix(Self.longest).lastIndex(of: 47) else { throw SystemError(ENAMETOOLONG) }
      let parent = folder
      let next = try Self.withName(rest[..<slash]) { (name) throws(SystemError) in csys_open_folder(parent, name, 0) }
      guard next >= 0 else { throw SystemError(-next) }
      if folder != number { close(folder) }
      folder = next
      rest = rest[(slash + 1)...]
    }
    return try Self.withName(rest) { (name) throws(SystemError) in try body(folder, name) }
  }

  /// The same for calls that want one path: through `/proc`, which knows open directories by number.
  func reachByPath<Result>(
    _ path: [UInt8], _ body: (UnsafePointer<CChar>) throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    try reach(path) { (folder, name) throws(SystemError) in
      let prefix = Array("/proc/self/fd/\(folder)/".utf8)
      let whole = prefix + UnsafeRawBufferPointer(start: name, count: strlen(name))
      return try Self.withName(whole[...]) { (path) throws(SystemError) in try body(path) }
    }
  }

  /// Where a symbolic link points.
  func target(of path: [UInt8]) throws(SystemError) -> [UInt8] {
    try reach(path) { (folder, name) throws(SystemError) in
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = bytes.withUnsafeMutableBytes { buffer in
        buffer.bindMemory(to: CChar.self).baseAddress.map { readlinkat(folder, name, $0, 4096) } ?? -1
      }
      guard count >= 0 else { throw SystemError.last }
      return Array(bytes.prefix(count))
    }
  }

  /// A file operation that was refused, with the whole path.
  func failure(_ path: [UInt8], _ problem: String, _ error: SystemError) -> Failure {
    .file("\(self.path)/\(String(decoding: path, as: UTF8.self))", problem, error)
  }

  private static let longest = 3500

  private static func withName<Result>(
    _ bytes: ArraySlice<UInt8>, _ body: (UnsafePointer<CChar>) throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    var text = ContiguousArray<CChar>()
    text.reserveCapacity(bytes.count + 1)
    for byte in bytes { text.append(CChar(bitPattern: byte)) }
    text.append(0)
    var outcome: Swift.Result<Result, SystemError>?
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(SystemError) { outcome = .success(try body(base)) } catch { outcome = .failure(error) }
    }
    guard let outcome else { throw SystemError(EINVAL) }
    return try outcome.get()
  }
}

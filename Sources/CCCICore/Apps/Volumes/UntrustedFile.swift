import Glibc

/// A small file in a folder where an app writes too: it may be anything by now, a link to a device of this host as well.
enum UntrustedFile {
  enum Content: Equatable {
    case bytes([UInt8])
    /// A link, a folder, a pipe, a device, or longer than asked for.
    case strange
    case missing
  }

  /// Follows no link at the end of the path, waits for no writer, and reads `most` bytes at most.
  static func read(_ path: String, most: Int) throws(Failure) -> Content {
    let number = open(try Files.plain(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard number >= 0 else {
      let error = SystemError.last
      switch error.code {
      case ENOENT, ENOTDIR: return .missing
      case ELOOP, ENXIO, ENODEV: return .strange
      default: throw .file(path, "cannot be read", error)
      }
    }
    let file = Descriptor(owning: number)
    var facts = stat()
    guard fstat(file.number, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return .strange }
    var bytes = [UInt8](repeating: 0, count: most + 1)
    let count = bytes.withUnsafeMutableBytes { Glibc.read(file.number, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw .file(path, "cannot be read", .last) }
    return count > most ? .strange : .bytes(Array(bytes[..<count]))
  }
}

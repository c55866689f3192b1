import Glibc

/// An open file descriptor that closes itself.
public struct Descriptor: ~Copyable, Sendable {
  /// Valid as long as this value lives.
  public let number: Int32

  /// Takes over `number`.
  public init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// Gives the number away; nobody closes it any more.
  public consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }

  /// Writes everything, however many calls that takes.
  public borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
      if count >= 0 { offset += count } else if errno != EINTR { throw SystemError.last }
    }
  }

  /// Reads to the end.
  public borrowing func readAll() throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
      if count > 0 { bytes += chunk[..<count] } else if count == 0 { return bytes } else if errno != EINTR { throw SystemError.last }
    }
  }

  /// Sees to it that what was written survives a power cut.
  public borrowing func synchronize() throws(SystemError) {
    while fsync(number) < 0 {
      if errno != EINTR { throw SystemError.last }
    }
  }
}

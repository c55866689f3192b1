import Glibc

/// Reading from whoever may be slow on purpose.
public enum TimedInput {
  public enum Ending: Sendable, Equatable {
    /// `isWhole` was satisfied.
    case whole
    /// The other end has closed.
    case closed
    case tooLong
    case tooLate
  }

  /// Reads from a descriptor until what came is whole, at most `limit` bytes, and not after `deadline`, however the bytes trickle.
  ///
  /// Blocks its thread: for processes that do nothing else meanwhile.
  public static func read(
    _ descriptor: Int32, limit: Int, until deadline: ContinuousClock.Instant, isWhole: ([UInt8]) -> Bool
  ) throws(Failure) -> (bytes: [UInt8], ending: Ending) {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while !isWhole(bytes) {
      guard bytes.count < limit else { return (bytes, .tooLong) }
      let left = (deadline - .now).seconds
      guard left > 0 else { return (bytes, .tooLate) }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wanted, 1, Int32(min(left * 1000 + 1, 60_000)))
      if ready == 0 || (ready < 0 && errno == EINTR) { continue }
      guard ready > 0 else { throw Failure(.ioError, "the connection cannot be read", why: SystemError.last.words) }
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, min($0.count, limit - bytes.count)) }
      if count > 0 {
        bytes += chunk[..<count]
      } else if count == 0 {
        return (bytes, .closed)
      } else if errno != EINTR {
        throw Failure(.ioError, "the connection cannot be read", why: SystemError.last.words)
      }
    }
    return (bytes, .whole)
  }

  /// Writes everything; false when the other end does not take it.
  public static func write(_ bytes: [UInt8], to descriptor: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let left = (deadline - .now).seconds
      guard left > 0 else { return false }
      var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&wanted, 1, Int32(min(left * 1000 + 1, 60_000))) >= 0 || errno == EINTR else { return false }
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else if count < 0, errno != EINTR, errno != EAGAIN { return false }
    }
    return true
  }

  /// Ends a connection while the process goes on: the descriptors lead nowhere from now on.
  public static func hangUp(_ descriptors: [Int32]) {
    let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard nothing >= 0 else { return }
    for descriptor in descriptors { dup2(nothing, descriptor) }
    close(nothing)
  }
}

import CSys
import Glibc

/// A process that stays the same one: unlike its number, its handle never comes to mean another.
public final class ProcessHandle: Sendable {
  public let process: Int32
  private let descriptor: Int32

  /// nil when there is no such process.
  public init?(_ process: Int32) {
    let number = csys_pidfd_open(process)
    guard number >= 0 else { return nil }
    self.process = process
    descriptor = number
  }

  deinit { close(descriptor) }

  /// True when it has ended, reaped or not.
  public var hasEnded: Bool { ended(within: 0) }

  /// Blocks the calling thread until it has ended.
  func waitUntilEnded() { while !ended(within: 3_600_000) {} }

  /// Waits until it has ended, at most `limit`; answers whether it has. Does not hold up other tasks.
  public func ends(within limit: Duration) async -> Bool {
    let milliseconds = Int32(clamping: limit / .milliseconds(1) < 1e9 ? Int(limit / .milliseconds(1)) : 1_000_000_000)
    return await PosixThread.run { self.ended(within: milliseconds) }
  }

  /// False when it has ended, or is not ours to signal.
  @discardableResult
  public func signal(_ number: Int32) -> Bool { csys_pidfd_signal(descriptor, number) == 0 }

  private func ended(within milliseconds: Int32) -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int(milliseconds))
    while true {
      let left = max(0, (end - .now) / .milliseconds(1))
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let count = poll(&watched, 1, Int32(left.rounded(.up)))
      if count >= 0 || errno != EINTR { return count > 0 }
    }
  }
}

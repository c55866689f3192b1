import CSys
public import Glibc

/// The one place where signals arrive: a handler that writes into a pipe, and a thread that reads it.
///
/// The first signal is obeyed, once; further ones are counted. One gate a process; SIGPIPE is ignored from then on.
public final class SignalGate: Sendable {
  private struct State {
    var first: Int32?
    var count = 0
    var callbacks: [@Sendable (Int32) -> Void] = []
  }
  private let state = Locked(State())

  /// Where the handler writes: the only thing it may do. Set once, before the first handler is installed.
  nonisolated(unsafe) private static var writeEnd: Int32 = -1

  private init() {}

  public static func install(_ signals: [Int32] = [SIGTERM, SIGINT, SIGHUP]) throws(Failure) -> SignalGate {
    CommandRunner.ignoringBrokenPipes
    let gate = SignalGate()
    var ends: [Int32] = [-1, -1]
    let piped = csys_pipe(&ends)
    guard piped == 0 else { throw deaf(SystemError(-piped).words) }
    writeEnd = ends[1]
    let readEnd = ends[0]
    guard PosixThread.start({ gate.read(readEnd) }) else { throw deaf("no thread to be had") }
    for number in signals {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = handler
      action.sa_flags = SA_RESTART
      guard sigaction(number, &action, nil) == 0 else { throw deaf(SystemError.last.words) }
    }
    return gate
  }

  /// The first signal that arrived.
  public var first: Int32? { state.withLock { $0.first } }

  /// How many have arrived.
  public var count: Int { state.withLock { $0.count } }

  /// Calls `body` with the first signal: when it arrives, on a thread of the gate, or now if it has arrived.
  public func onFirst(_ body: @escaping @Sendable (Int32) -> Void) {
    let arrived = state.withLock { state in
      if state.first == nil { state.callbacks.append(body) }
      return state.first
    }
    if let arrived { body(arrived) }
  }

  /// Only what is async-signal-safe: write, with errno put back.
  private static let handler: @convention(c) (Int32) -> Void = { number in
    let saved = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(SignalGate.writeEnd, &byte, 1)
    errno = saved
  }

  private static func deaf(_ why: String) -> Failure { Failure(.ioError, "signals cannot be received", why: why) }

  private func read(_ end: Int32) {
    var byte: UInt8 = 0
    while true {
      let count = Glibc.read(end, &byte, 1)
      if count == 1 { receive(Int32(byte)) } else if count == 0 || errno != EINTR { return }
    }
  }

  private func receive(_ number: Int32) {
    let callbacks = state.withLock { state in
      state.count += 1
      guard state.first == nil else { return [@Sendable (Int32) -> Void]() }
      state.first = number
      defer { state.callbacks = [] }
      return state.callbacks
    }
    for body in callbacks { body(number) }
  }
}

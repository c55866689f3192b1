public import FoundationEssentials

/// The two seams to the world outside the process, with the clock: what every command is given.
///
/// Tests replace single members; everything else (files, locks) is real and takes its root path as an argument.
public struct Host: Sendable {
  /// Runs a program to its end. Throws when it cannot be started (`config`) or the task was cancelled (`Failure.cancelled`);
  /// a non-zero exit or a passed time limit is a result, not a failure.
  public var run: @Sendable (Command) async throws(Failure) -> CommandResult
  /// Makes one HTTP request. Any status is a response; no answer is an `HTTPError`.
  public var send: @Sendable (HTTPRequest) async throws(HTTPError) -> HTTPResponse
  /// The wall clock, for time stamps.
  public var now: @Sendable () -> Date
  /// Waits; throws `Failure.cancelled` as soon as the task is cancelled.
  public var sleep: @Sendable (Duration) async throws(Failure) -> Void

  public init(
    run: @escaping @Sendable (Command) async throws(Failure) -> CommandResult,
    send: @escaping @Sendable (HTTPRequest) async throws(HTTPError) -> HTTPResponse,
    now: @escaping @Sendable () -> Date,
    sleep: @escaping @Sendable (Duration) async throws(Failure) -> Void
  ) {
    self.run = run
    self.send = send
    self.now = now
    self.sleep = sleep
  }
}

extension Failure {
  /// The task was cancelled: a signal or a deadline. Whoever cancelled knows the real exit code and reports that one.
  public static let cancelled = Failure(.stopped(signal: 15), "interrupted")
}

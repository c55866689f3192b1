/// One call of an outside program. Always an argument vector, never a shell string.
public struct Command: Sendable {
  /// An absolute path, or a name that is looked up in `environment["PATH"]`.
  public var program: String
  public var arguments: [String]
  /// The whole environment of the child; nothing is inherited beside it.
  public var environment: [String: String]
  /// Working directory; nil keeps ours.
  public var directory: String?
  /// Standard input; nil is `/dev/null`. Ignored with `terminal`.
  public var input: [UInt8]?
  /// Run under a pseudo-terminal: standard input, output and error are one tty of 200 columns, and all output arrives as `output`.
  public var terminal: Bool
  /// The child's process family is ended (TERM, then KILL) when this has passed.
  public var limit: Duration
  /// After a normal end too, kill whatever the call left behind: processes in its session, or with its mark in their environment.
  public var sweep: Bool = false
  /// Called with each chunk as it arrives, in order, on no particular thread.
  public var onChunk: (@Sendable (Stream, [UInt8]) -> Void)?

  public enum Stream: Sendable { case output, error }

  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String], directory: String? = nil, input: [UInt8]? = nil,
    terminal: Bool = false, limit: Duration, sweep: Bool = false, onChunk: (@Sendable (Stream, [UInt8]) -> Void)? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.input = input
    self.terminal = terminal
    self.limit = limit
    self.sweep = sweep
    self.onChunk = onChunk
  }
}

/// How a program ended and what it said.
public struct CommandResult: Sendable, Equatable {
  public enum Status: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)
    /// Ended by us because `Command.limit` had passed.
    case timedOut
  }
  public var status: Status
  /// Standard output (under a terminal: everything), at most `CommandResult.kept` bytes: the last ones.
  public var output: [UInt8]
  public var error: [UInt8]
  public var seconds: Double
  /// How many processes beside the program itself had to be killed: 0 unless the limit had passed or `Command.sweep` was set.
  public var survivors: Int

  /// How much of each stream is kept in memory: 8 MiB.
  public static let kept = 8 << 20

  public init(status: Status, output: [UInt8] = [], error: [UInt8] = [], seconds: Double = 0, survivors: Int = 0) {
    self.status = status
    self.output = output
    self.error = error
    self.seconds = seconds
    self.survivors = survivors
  }

  public var ok: Bool { status == .exited(0) }
  /// Standard output as text; invalid UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: output, as: UTF8.self) }
  public var errorText: String { String(decoding: error, as: UTF8.self) }
}

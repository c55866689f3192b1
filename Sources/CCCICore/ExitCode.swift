/// How a command stops, as its callers see it. The numbers are interface: `docs/exit-codes.md` lists them.
///
/// 78 is never used: Drone's exec runner takes it for success and skips the steps behind it.
public enum ExitCode: Sendable, Hashable {
  case ok, no, unjudged
  case usage, badData, noInput, unavailable, bug, config, ioError, tryAgain, denied
  case timedOut
  /// Stopped by a signal, after teardown: `128 + signal`.
  case stopped(signal: Int32)

  /// The process status, 0…255.
  public var status: Int32 {
    switch self {
    case .ok: 0
    case .no: 1
    case .unjudged: 2
    case .usage: 64
    case .badData: 65
    case .noInput: 66
    case .unavailable: 69
    case .bug: 70
    case .config: 72
    case .ioError: 74
    case .tryAgain: 75
    case .denied: 77
    case .timedOut: 124
    case .stopped(let signal): 128 + signal
    }
  }

  /// The name used in documents, such as `badData`.
  public var name: String {
    switch self {
    case .stopped: "stopped"
    default: "\(self)"
    }
  }

  /// Every code with a fixed number, in rising order.
  public static let fixed: [ExitCode] = [
    .ok, .no, .unjudged, .usage, .badData, .noInput, .unavailable, .bug, .config, .ioError, .tryAgain, .denied, .timedOut,
  ]
}

extension ExitCode {
  /// The code of a stored status; one that this enumeration does not know is a stop by a signal.
  public static func of(_ status: Int32) -> ExitCode { fixed.first { $0.status == status } ?? .stopped(signal: status - 128) }
}

/// A stop: why a command cannot go on, said so that a person can act on it.
///
/// Printed once, by `Tool`, as at most two lines on standard error, lower case and without a full stop:
/// `<command>: <what>: <why>` and `<command>: hint: <next>`.
public struct Failure: Error, Sendable, Equatable {
  public let code: ExitCode
  /// What failed, subject first: `n8n: no canonical to reattach`.
  public let what: String
  /// The cause: `no green cold run has been promoted`. May be empty.
  public let why: String
  /// What to do next: `run it cold first: ccci-run n8n`. May be empty.
  public let next: String

  public init(_ code: ExitCode, _ what: String, why: String = "", next: String = "") {
    self.code = code
    self.what = what
    self.why = why
    self.next = next
  }

  /// `what: why` on one line, as a result or an alert quotes it.
  public var sentence: String { why.isEmpty ? what : "\(what): \(why)" }

  /// `next`, or what to do about any failure of this kind. Every failure that is printed has its second line.
  public var hint: String {
    guard next.isEmpty else { return next }
    switch code {
    case .bug: return "this is a defect of cc-ci: keep the output and the run record, and report it"
    case .ioError: return "look at the path, its permissions and its disk"
    case .badData: return "correct what is named, then run it again"
    case .unavailable, .tryAgain, .timedOut: return "run it again; if it stays so, look at the service that is named"
    case .denied, .config: return "correct the settings or the permissions that are named"
    case .noInput, .usage: return "--help says what is expected"
    case .ok, .no, .unjudged, .stopped: return "the run record says more: ccci-run show"
    }
  }
}

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
}

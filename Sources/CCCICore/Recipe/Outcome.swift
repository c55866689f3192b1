/// How a test, a tier or a run ended.
public enum Outcome: String, Sendable, Hashable, CaseIterable, Codable {
  /// Everything asserted is so.
  case pass
  /// The recipe did not do what is asserted.
  case fail
  /// Not judged for a reason that was declared or lies in the recipe's structure.
  case skip
  /// Could not be judged: nobody's fault yet.
  case error
}

/// Why an outcome is not `pass`, as a word that programs may compare. The sentence for people stands beside it.
public enum Reason: String, Sendable, Hashable, CaseIterable, Codable {
  // skip
  case declared, structural
  // error
  case baseBroken = "base-broken"
  case infra, policy, deps, harness, timeout, aborted
  // fail
  case crashLoop = "crash-loop"
  case notConverged = "not-converged"
  case routing
  case dataLost = "data-lost"
  case rolledBack = "rolled-back"
  case backupIncomplete = "backup-incomplete"
  case noOp = "no-op"
  case assertion
}

/// An outcome with its reason: what a step of a run answers.
public struct Finding: Sendable, Hashable {
  public var outcome: Outcome
  public var reason: Reason?
  /// One sentence for people; empty for a pass.
  public var because: String
  /// Log lines that show it, if any.
  public var log: [String]

  public static let pass = Finding(outcome: .pass, reason: nil, because: "", log: [])

  public static func fail(_ reason: Reason, _ because: String, log: [String] = []) -> Finding {
    Finding(outcome: .fail, reason: reason, because: because, log: log)
  }

  public static func error(_ reason: Reason, _ because: String, log: [String] = []) -> Finding {
    Finding(outcome: .error, reason: reason, because: because, log: log)
  }

  public static func skip(_ reason: Reason, _ because: String) -> Finding {
    Finding(outcome: .skip, reason: reason, because: because, log: [])
  }
}

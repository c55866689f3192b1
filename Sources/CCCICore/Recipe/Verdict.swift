/// The answer of a run.
public enum Verdict: String, Sendable, Hashable, CaseIterable, Codable {
  /// Every applicable tier was planned; each passed, or was skipped for a declared or structural reason.
  case green
  /// As green, on warm data: lower confidence, gates nothing.
  case quickGreen = "quick-green"
  /// As green, for the tiers that were asked for only.
  case partial
  /// Nothing failed, but something could not be judged.
  case unjudged
  /// Something failed.
  case red

  /// Whether data is thrown away after the run or kept.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    case cold, quick
    /// No run of tests: a version becomes the known-good. It has a record and no verdict of its own.
    case promote
  }

  /// Everything the verdict depends on.
  public struct Evidence: Sendable, Hashable {
    public var mode: Mode
    public var planned: [Tier]
    public var tiers: [TierResult]
    /// What teardown could not remove, by kind and name.
    public var leftovers: [String]
    public var deploys: Int
    public var expectedDeploys: Int
    public var secretLeak: Bool
    /// What stopped the run before its end, in one sentence.
    public var stopped: String?

    public init(
      mode: Mode, planned: [Tier], tiers: [TierResult], leftovers: [String] = [], deploys: Int, expectedDeploys: Int,
      secretLeak: Bool = false,
      stopped: String? = nil
    ) {
      self.mode = mode
      self.planned = planned
      self.tiers = tiers
      self.leftovers = leftovers
      self.deploys = deploys
      self.expectedDeploys = expectedDeploys
      self.secretLeak = secretLeak
      self.stopped = stopped
    }
  }

  /// The verdict with the sentence that explains it. Nothing turns green by not running.
  public static func of(_ evidence: Evidence) -> (verdict: Verdict, reason: String) {
    for result in evidence.tiers {
      if result.outcome == .fail { return (.red, "\(result.tier.rawValue): \(result.because ?? "failed")") }
      if let test = result.tests.first(where: { $0.outcome == .fail }) {
        return (.red, "\(result.tier.rawValue): \(test.name): \(test.because ?? "failed")")
      }
    }
    if let doubt = doubt(evidence) { return (.unjudged, doubt) }
    if evidence.planned.count < Tier.allCases.count {
      return (.partial, "\(evidence.planned.sorted().map(\.rawValue).joined(separator: ", ")) only")
    }
    if evidence.mode == .quick { return (.quickGreen, "on warm data: lower confidence, does not gate") }
    let skipped = evidence.tiers.filter { $0.outcome == .skip }.map(\.tier.rawValue)
    return (.green, skipped.isEmpty ? "every tier passed" : "every tier passed but \(skipped.joined(separator: ", ")): skipped")
  }

  /// The first thing that keeps a run without a failure from being green.
  private static func doubt(_ evidence: Evidence) -> String? {
    if let stopped = evidence.stopped { return stopped }
    for result in evidence.tiers {
      if result.outcome == .error { return "\(result.tier.rawValue): \(result.because ?? "could not be judged")" }
      if let test = result.tests.first(where: { $0.outcome == .error }) {
        return "\(result.tier.rawValue): \(test.name): \(test.because ?? "could not be judged")"
      }
      if result.outcome == .skip, result.reason != .declared, result.reason != .structural {
        return "\(result.tier.rawValue): skipped without a declared or structural reason"
      }
      if result.outcome == .pass, !result.tests.contains(where: { $0.outcome == .pass }) {
        return "\(result.tier.rawValue): passed without a test that ran"
      }
    }
    guard evidence.planned.contains(.install) else { return "install was not planned" }
    for tier in evidence.planned.sorted() {
      let results = evidence.tiers.filter { $0.tier == tier }
      guard let result = results.first, results.count == 1 else { return "\(tier.rawValue): planned, and has \(results.count) outcomes" }
      if tier == .install, result.outcome != .pass { return "install did not pass" }
    }
    guard evidence.leftovers.isEmpty else { return "teardown left behind: \(evidence.leftovers.joined(separator: ", "))" }
    guard evidence.deploys == evidence.expectedDeploys, evidence.deploys > 0 else {
      return "deployed \(evidence.deploys) times instead of \(evidence.expectedDeploys)"
    }
    return evidence.secretLeak ? "a secret stood in an artifact of the run" : nil
  }

  public var exitCode: ExitCode {
    switch self {
    case .green, .quickGreen, .partial: .ok
    case .red: .no
    case .unjudged: .unjudged
    }
  }
}

/// One test of a tier, as `results.json` carries it.
public struct TestResult: Sendable, Hashable, Codable {
  public enum Origin: String, Sendable, Hashable, Codable {
    /// Asserted for every recipe.
    case generic
    /// From `tests/<recipe>/` of this repository.
    case overlay
    /// From the recipe's own `tests/`.
    case repoLocal = "repo-local"
  }
  public var name: String
  public var origin: Origin
  /// The file it stands in, relative to its origin; nil for generic ones.
  public var file: String?
  public var outcome: Outcome
  /// The word for programs; see `Reason`.
  public var reason: Reason?
  public var because: String?
  public var seconds: Double

  public init(
    name: String, origin: Origin, file: String? = nil, outcome: Outcome, reason: Reason? = nil, because: String? = nil, seconds: Double = 0
  ) {
    self.name = name
    self.origin = origin
    self.file = file
    self.outcome = outcome
    self.reason = reason
    self.because = because
    self.seconds = seconds
  }
}

/// One tier, judged.
public struct TierResult: Sendable, Hashable, Codable {
  public var tier: Tier
  public var outcome: Outcome
  public var reason: Reason?
  public var because: String?
  public var seconds: Double
  public var tests: [TestResult]

  public init(tier: Tier, outcome: Outcome, reason: Reason? = nil, because: String? = nil, seconds: Double = 0, tests: [TestResult] = []) {
    self.tier = tier
    self.outcome = outcome
    self.reason = reason
    self.because = because
    self.seconds = seconds
    self.tests = tests
  }

  /// A tier that was not walked, or ended before its tests.
  public init(_ tier: Tier, _ finding: Finding, seconds: Double = 0, tests: [TestResult] = []) {
    self.init(
      tier: tier, outcome: finding.outcome, reason: finding.reason, because: finding.because.isEmpty ? nil : finding.because,
      seconds: seconds, tests: tests)
  }

  /// Judges a tier by its tests: the worst of them. No test, or none that ran, is no pass.
  public static func judged(_ tier: Tier, tests: [TestResult], seconds: Double) -> TierResult {
    let worst = tests.first { $0.outcome == .fail } ?? tests.first { $0.outcome == .error }
    if let worst {
      return TierResult(
        tier: tier, outcome: worst.outcome, reason: worst.reason ?? (worst.outcome == .fail ? .assertion : .harness),
        because: worst.because ?? worst.name,
        seconds: seconds, tests: tests)
    }
    guard !tests.isEmpty else { return TierResult(tier, .error(.harness, "no test ran"), seconds: seconds) }
    guard tests.contains(where: { $0.outcome == .pass }) else {
      return TierResult(tier, .error(.harness, "every test was skipped"), seconds: seconds, tests: tests)
    }
    return TierResult(tier: tier, outcome: .pass, seconds: seconds, tests: tests)
  }
}

public import FoundationEssentials

/// `results.json`, schema 1: the whole answer of a run. Summary, JUnit and exit code are views of this one value.
///
/// Shape: `docs/schemas/results-1.json`. Times are UTC, durations seconds.
public struct Results: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  public var runID: String
  public var recipe: String
  public var version: String?
  public var ref: String?
  public var pr: Int?
  public var src: String
  public var mode: Verdict.Mode
  public var trigger: String?
  public var started: Date
  public var finished: Date
  public var abraVersion: String
  public var host: String
  public var verdict: Verdict
  public var reason: String
  public var exitCode: Int32
  public var level: Int
  public var rungs: [String: Outcome]
  public var base: Base
  public var deploys: Deploys
  public var tiers: [TierResult]
  public var lint: Lint
  public var skips: Skips
  public var flags: Flags
  public var proved: [String: Proof]
  public var orphansRemoved: [String]
  public var warnings: [String]
  public var timings: [String: Double]
  public var manifest: Manifest
  public var failure: FirstFailure?

  public struct Base: Sendable, Equatable, Codable {
    /// `version`, `ref` or `skip`.
    public var kind: String
    /// The tag or the commit; nil when skipped.
    public var value: String?
    public var because: String
    public var version: String?

    public init(kind: String, value: String?, because: String, version: String?) {
      self.kind = kind
      self.value = value
      self.because = because
      self.version = version
    }
  }

  public struct Deploys: Sendable, Equatable, Codable {
    public var count: Int
    public var expected: Int

    public init(count: Int, expected: Int) {
      self.count = count
      self.expected = expected
    }
  }

  public struct Lint: Sendable, Equatable, Codable {
    public var outcome: Outcome
    /// Rules of severity `error` that are not satisfied, such as `R014`.
    public var rulesFailed: [String]
    public var because: String?

    enum CodingKeys: String, CodingKey {
      case outcome, because
      case rulesFailed = "rules_failed"
    }

    public init(outcome: Outcome, rulesFailed: [String] = [], because: String? = nil) {
      self.outcome = outcome
      self.rulesFailed = rulesFailed
      self.because = because
    }
  }

  public struct Skips: Sendable, Equatable, Codable {
    /// Tier → reason of `expected_na`.
    public var declared: [String: String]
    public var structural: [String: String]
    /// Tiers whose generic assertions were switched off, with who did it.
    public var optOuts: [String: String]

    enum CodingKeys: String, CodingKey {
      case declared, structural
      case optOuts = "opt_outs"
    }

    public init(declared: [String: String], structural: [String: String], optOuts: [String: String]) {
      self.declared = declared
      self.structural = structural
      self.optOuts = optOuts
    }
  }

  public struct Flags: Sendable, Equatable, Codable {
    public var cleanTeardown: Bool
    public var leftovers: [String]
    public var noSecretLeak: Bool
    /// When `--keep` left the app up: until when.
    public var keptUntil: Date?

    enum CodingKeys: String, CodingKey {
      case leftovers
      case cleanTeardown = "clean_teardown"
      case noSecretLeak = "no_secret_leak"
      case keptUntil = "kept_until"
    }

    public init(cleanTeardown: Bool, leftovers: [String], noSecretLeak: Bool, keptUntil: Date? = nil) {
      self.cleanTeardown = cleanTeardown
      self.leftovers = leftovers
      self.noSecretLeak = noSecretLeak
      self.keptUntil = keptUntil
    }
  }

  /// The first thing that went wrong, with the lines that show it.
  public struct FirstFailure: Sendable, Equatable, Codable {
    public var tier: String?
    public var test: String?
    public var because: String
    public var logTail: [String]

    enum CodingKeys: String, CodingKey {
      case tier, test, because
      case logTail = "log_tail"
    }

    public init(tier: String?, test: String?, because: String, logTail: [String] = []) {
      self.tier = tier
      self.test = test
      self.because = because
      self.logTail = logTail
    }
  }

  enum CodingKeys: String, CodingKey {
    case schema, recipe, version, ref, pr, src, mode, trigger, started, finished, host, verdict, reason, level, rungs, base, deploys, tiers,
      lint, skips
    case flags, proved, warnings, timings, manifest, failure
    case runID = "run_id"
    case abraVersion = "abra_version"
    case exitCode = "exit_code"
    case orphansRemoved = "orphans_removed"
  }

  public init(
    runID: String, recipe: String, version: String?, ref: String?, pr: Int?, src: String, mode: Verdict.Mode, trigger: String?,
    started: Date,
    finished: Date, abraVersion: String, host: String, verdict: Verdict, reason: String, exitCode: Int32, level: Int,
    rungs: [String: Outcome],
    base: Base, deploys: Deploys, tiers: [TierResult], lint: Lint, skips: Skips, flags: Flags, proved: [String: Proof],
    orphansRemoved: [String],
    warnings: [String], timings: [String: Double], manifest: Manifest, failure: FirstFailure?
  ) {
    self.runID = runID
    self.recipe = recipe
    self.version = version
    self.ref = ref
    self.pr = pr
    self.src = src
    self.mode = mode
    self.trigger = trigger
    self.started = started
    self.finished = finished
    self.abraVersion = abraVersion
    self.host = host
    self.verdict = verdict
    self.reason = reason
    self.exitCode = exitCode
    self.level = level
    self.rungs = rungs
    self.base = base
    self.deploys = deploys
    self.tiers = tiers
    self.lint = lint
    self.skips = skips
    self.flags = flags
    self.proved = proved
    self.orphansRemoved = orphansRemoved
    self.warnings = warnings
    self.timings = timings
    self.manifest = manifest
    self.failure = failure
  }
}

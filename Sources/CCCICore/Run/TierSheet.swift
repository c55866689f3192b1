/// The tests of one tier as they are made, one after the other.
struct TierSheet: Sendable {
  let tier: Tier
  let stage: Stage
  private(set) var tests: [TestResult] = []
  private let started = ContinuousClock.now

  init(_ tier: Tier, _ stage: Stage) {
    self.tier = tier
    self.stage = stage
  }

  /// Makes one generic assertion. False when what follows has no ground to stand on.
  ///
  /// With an opt-out the step is done all the same, since later steps need it, and its answer is not counted, unless it is the op itself: what
  /// follows, the overlays above all, must not be left out for its sake.
  mutating func check(_ assertion: GenericAssertion, _ body: () async throws(Failure) -> Finding) async throws(Failure) -> Bool {
    let start = ContinuousClock.now
    let finding = Mutation.applied(to: try await body(), of: assertion, stage.environment)
    if stage.plan.optOuts[tier] != nil, !assertion.isOp { return true }
    add(finding, named: assertion.rawValue, seconds: (ContinuousClock.now - start).seconds)
    return finding.outcome == .pass
  }

  mutating func add(_ finding: Finding, named name: String, origin: TestResult.Origin = .generic, file: String? = nil, seconds: Double) {
    let because = finding.because.isEmpty ? nil : stage.console.mask.masked(finding.because)
    tests.append(
      TestResult(
        name: name, origin: origin, file: file, outcome: finding.outcome, reason: finding.reason, because: because, seconds: seconds))
    let mark = finding.outcome == .pass ? "ok  " : finding.outcome.rawValue.padded(to: 4)
    stage.console.progress("  \(mark) \(name)\(because.map { ": \($0)" } ?? "")")
    guard finding.outcome == .fail || finding.outcome == .error, !finding.log.isEmpty else { return }
    for line in finding.log { stage.console.progress("       | \(line)") }
    stage.ledger.note { entries in if entries.logTail.isEmpty { entries.logTail = finding.log } }
  }

  mutating func add(_ results: [TestResult]) {
    for result in results {
      tests.append(result)
      let mark = result.outcome == .pass ? "ok  " : result.outcome.rawValue.padded(to: 4)
      stage.console.progress("  \(mark) \(result.name)\(result.because.map { ": \($0)" } ?? "")")
    }
  }

  /// The tier, judged by what was found.
  var result: TierResult { TierResult.judged(tier, tests: tests, seconds: (ContinuousClock.now - started).seconds) }
}

extension GenericAssertion {
  /// The op itself, or what every later step stands on: never opted out of.
  var isOp: Bool {
    switch self {
    case .installDeployed, .installConverged, .upgradeDeployed, .backupCreated, .restoreDone: true
    case .installServing, .installVersion, .upgradeFinished, .upgradeCommit, .upgradeImages, .upgradeServing, .upgradeData, .backupComplete,
      .restoreData, .restoreServing:
      false
    }
  }
}

extension String {
  func padded(to width: Int) -> String { count >= width ? self : self + String(repeating: " ", count: width - count) }
}

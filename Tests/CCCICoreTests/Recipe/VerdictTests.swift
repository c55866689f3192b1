import CCCICore
import Testing

@Suite struct VerdictTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var verdict: Verdict
    var reason: String
    var change: @Sendable (inout Verdict.Evidence) -> Void
    var testDescription: String { name }

    init(_ name: String, _ verdict: Verdict, _ reason: String, _ change: @escaping @Sendable (inout Verdict.Evidence) -> Void) {
      (self.name, self.verdict, self.reason, self.change) = (name, verdict, reason, change)
    }
  }

  /// Each against a run in which everything passed.
  static let cases = [
    Case("everything passed", .green, "every tier passed") { _ in },
    Case("declared skip", .green, "but upgrade: skipped") { $0[.upgrade] = TierResult(.upgrade, .skip(.declared, "known")) },
    Case("structural skips", .green, "but backup, restore: skipped") {
      $0[.backup] = TierResult(.backup, .skip(.structural, "no labels"))
      $0[.restore] = TierResult(.restore, .skip(.structural, "no labels"))
    },
    Case("a test skipped beside others", .green, "every tier passed") { $0[.custom].tests[0].outcome = .skip },
    Case("quick", .quickGreen, "does not gate") { $0.mode = .quick },
    Case("narrower", .partial, "install, upgrade only") {
      $0.planned = [.upgrade, .install]
      $0.tiers = [.passed(.install), .passed(.upgrade)]
    },
    Case("narrower and quick", .partial, "install only") {
      $0.mode = .quick
      $0.planned = [.install]
      $0.tiers = [.passed(.install)]
    },
    Case("a tier failed", .red, "upgrade: rolled back") { $0[.upgrade] = TierResult(.upgrade, .fail(.rolledBack, "rolled back")) },
    Case("a test failed in a tier that says pass", .red, "custom: two: two says so") { $0[.custom].tests[1] = .named("two", .fail) },
    Case("failed and stopped", .red, "upgrade: failed") {
      $0[.upgrade].outcome = .fail
      $0.stopped = "stopped by signal 15"
    },
    Case("failed with an error before", .red, "backup: failed") {
      $0[.upgrade].outcome = .error
      $0[.backup].outcome = .fail
    },
    Case("failed in a narrower run", .red, "install: failed") {
      $0.planned = [.install]
      $0[.install].outcome = .fail
    },
    Case("failed although it was not planned", .red, "custom: failed") {
      $0.planned = [.install]
      $0[.custom].outcome = .fail
    },
    Case("a tier could not be judged", .unjudged, "upgrade: base gone") {
      $0[.upgrade] = TierResult(.upgrade, .error(.baseBroken, "base gone"))
    },
    Case("a test could not be judged", .unjudged, "custom: one: one says so") { $0[.custom].tests[0] = .named("one", .error) },
    Case("stopped", .unjudged, "stopped by signal 15") { $0.stopped = "stopped by signal 15" },
    Case("no outcome for a planned tier", .unjudged, "restore: planned, and has 0 outcomes") { $0.tiers.removeAll { $0.tier == .restore } },
    Case("two outcomes for a planned tier", .unjudged, "install: planned, and has 2 outcomes") { $0.tiers.append(.passed(.install)) },
    Case("no tests", .unjudged, "custom: passed without a test that ran") { $0[.custom].tests = [] },
    Case("only skipped tests", .unjudged, "custom: passed without a test that ran") { $0[.custom].tests = [.named("one", .skip)] },
    Case("skipped without a reason", .unjudged, "without a declared or structural reason") { $0[.custom].outcome = .skip },
    Case("skipped for another reason", .unjudged, "without a declared or structural reason") {
      $0[.custom] = TierResult(.custom, .skip(.deps, "keycloak is not ready"))
    },
    Case("install skipped", .unjudged, "install did not pass") { $0[.install] = TierResult(.install, .skip(.declared, "never")) },
    Case("install not planned", .unjudged, "install was not planned") { $0.planned = [.upgrade, .backup, .restore, .custom] },
    Case("nothing planned", .unjudged, "install was not planned") { $0.planned = [] },
    Case("left behind", .unjudged, "teardown left behind: volume x, secret y") { $0.leftovers = ["volume x", "secret y"] },
    Case("deployed twice", .unjudged, "deployed 2 times instead of 1") { $0.deploys = 2 },
    Case("never deployed", .unjudged, "deployed 0 times instead of 0") { ($0.deploys, $0.expectedDeploys) = (0, 0) },
    Case("leaked", .unjudged, "a secret stood in an artifact") { $0.secretLeak = true },
    Case("narrower and left behind", .unjudged, "left behind") {
      $0.planned = [.install]
      $0.leftovers = ["network z"]
    },
    Case("quick and leaked", .unjudged, "a secret") {
      $0.mode = .quick
      $0.secretLeak = true
    },
  ]

  @Test(arguments: cases)
  func `a verdict follows from its evidence, with the sentence that explains it`(_ row: Case) {
    let (verdict, reason) = Verdict.of(Verdict.Evidence.green.with(row.change))
    #expect(verdict == row.verdict && reason.contains(row.reason), "\(verdict): \(reason)")
  }

  @Test func `the verdict never rises when a part of any of 10 000 results is removed or made worse`() throws {
    var dice = Lots(4)
    var met: [Verdict: Int] = [:]
    for _ in 0..<10_000 {
      let evidence = Verdict.Evidence.any(&dice)
      let verdict = Verdict.of(evidence).verdict
      met[verdict, default: 0] += 1
      let worsenings = evidence.worsenings
      for worse in [dice.pick(worsenings), dice.pick(worsenings)] {
        let next = Verdict.of(evidence.with(worse.change)).verdict
        try #require(next.rank <= verdict.rank, "\(worse.name) turns \(verdict) into \(next): \(evidence)")
      }
    }
    for verdict in Verdict.allCases { #expect(met[verdict, default: 0] > 300, "\(verdict) is met too seldom: \(met)") }
  }

  @Test func `every worsening takes the green away, unless another test of the tier still ran`() {
    for worse in Verdict.Evidence.green.worsenings {
      // One test of two that skips or is missing leaves another that ran.
      let isHarmless = worse.name.contains(".") && (worse.name.hasSuffix(" skip") || worse.name.hasSuffix(" dropped"))
      #expect((Verdict.of(Verdict.Evidence.green.with(worse.change)).verdict == .green) == isHarmless, "\(worse.name)")
    }
  }

  @Test(arguments: [(Verdict.green, Int32(0)), (.quickGreen, 0), (.partial, 0), (.red, 1), (.unjudged, 2)])
  func `the exit code is that of the verdict`(verdict: Verdict, status: Int32) {
    #expect(verdict.exitCode.status == status && ExitCode.of(status) == verdict.exitCode)
  }
}

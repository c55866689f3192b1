import CCCICore
import Testing

@Suite struct LevelTests {
  @Test(arguments: [
    ("ppppp", Proof.files, Outcome.pass, 5), ("ppppp", .data, .pass, 5), ("ppppp", .data, .fail, 4), ("ppppp", .data, .skip, 5),
    ("ppppp", .data, .error, 4), ("ppppp", .data, nil, 4), ("ppppp", .nothing, .pass, 2), ("ppppp", nil, .pass, 2),
    ("psppp", .files, .pass, 5),
    ("pfppp", .files, .pass, 1), ("peppp", .files, .pass, 1), ("fpppp", .files, .pass, 0), ("spppp", .files, .pass, 0),
    ("epppp", .files, .pass, 0),
    ("ppssp", nil, .pass, 5), ("pppsp", nil, .pass, 5), ("ppspp", .nothing, .pass, 2), ("ppfpp", .files, .pass, 2),
    ("pppfp", .files, .pass, 2),
    ("ppepp", .files, .pass, 2), ("ppppf", .files, .pass, 3), ("pppps", .files, .pass, 5), ("p----", nil, .pass, 1), ("-----", nil, nil, 0),
    ("pssss", nil, .skip, 5),
  ])
  func `the level is the highest rung that everything below holds up`(tiers: String, proved: Proof?, lint: Outcome?, level: Int) {
    let outcomes: [Character: Outcome] = ["p": .pass, "s": .skip, "f": .fail, "e": .error]
    let results = zip(Tier.allCases, tiers).compactMap { tier, letter in outcomes[letter].map { TierResult(tier: tier, outcome: $0) } }
    let rungs = Level.rungs(tiers: results, proved: proved, lint: lint)
    #expect(Set(rungs.keys) == Set(Level.rungs) && Level.of(rungs) == level, "\(rungs)")
  }

  @Test func `a rung that is not there holds nothing up`() {
    #expect(Level.of([:]) == 0 && Level.of(["install": .pass]) == 1 && Level.of(["upgrade": .pass, "lint": .pass]) == 0)
  }

  @Test func `the level never rises when a part of any of 10 000 results is made worse`() throws {
    var dice = Lots(5)
    for _ in 0..<10_000 {
      let evidence = Verdict.Evidence.any(&dice)
      let proved = dice.pick([Proof.data, .files, .nothing, nil])
      let lint = dice.pick([Outcome.pass, .fail, .skip, .error, nil])
      let level = Level.of(Level.rungs(tiers: evidence.tiers, proved: proved, lint: lint))
      let worse = dice.pick(evidence.worsenings)
      // A tier that skips stands aside, and with it what it would have shown; that is what "passed or was skipped" means.
      guard !worse.name.hasSuffix(" skip") else { continue }
      for proof in Set([proved, nil]) {
        let next = Level.of(Level.rungs(tiers: evidence.with(worse.change).tiers, proved: proof, lint: dice.isOne(in: 2) ? lint : nil))
        try #require(next <= level, "\(worse.name), proved \(String(describing: proof)): from \(level) to \(next)")
      }
    }
  }
}

@Suite struct TierResultTests {
  static let judged: [([Outcome], Outcome, Reason?, String?)] = [
    ([], .error, .harness, "no test ran"), ([.pass], .pass, nil, nil), ([.pass, .skip], .pass, nil, nil),
    ([.skip], .error, .harness, "every test was skipped"), ([.skip, .skip], .error, .harness, "every test was skipped"),
    ([.pass, .fail], .fail, .assertion, "t1 says so"), ([.error, .fail], .fail, .assertion, "t1 says so"),
    ([.fail, .fail], .fail, .assertion, "t0 says so"), ([.pass, .error, .pass], .error, .harness, "t1 says so"),
    ([.skip, .error], .error, .harness, "t1 says so"),
  ]

  @Test(arguments: judged)
  func `a tier is its worst test, and none that ran is no pass`(outcomes: [Outcome], outcome: Outcome, reason: Reason?, because: String?) {
    let tests = outcomes.enumerated().map { TestResult.named("t\($0)", $1) }
    let result = TierResult.judged(.custom, tests: tests, seconds: 2)
    #expect(result == TierResult(tier: .custom, outcome: outcome, reason: reason, because: because, seconds: 2, tests: tests))
  }

  @Test func `a test's own reason and words are the tier's, else its name is`() {
    let own = TestResult(name: "x", origin: .overlay, outcome: .error, reason: .timeout, because: "no end after 900 s")
    let silent = TestResult(name: "x", origin: .overlay, outcome: .fail)
    #expect(TierResult.judged(.backup, tests: [own], seconds: 0).reason == .timeout)
    #expect(TierResult.judged(.backup, tests: [own], seconds: 0).because == "no end after 900 s")
    #expect(TierResult.judged(.backup, tests: [silent, own], seconds: 0).because == "x")
  }

  @Test func `a tier that was not walked carries its finding`() {
    let skipped = TierResult(.upgrade, .skip(.declared, "known"))
    #expect(skipped.outcome == .skip && skipped.reason == .declared && skipped.because == "known" && skipped.tests.isEmpty)
    #expect(TierResult(.upgrade, .pass).because == nil)
  }
}

import Testing

@testable import CCCICore

@Suite struct UpgradeGateTests {
  private static func version(_ text: String) -> RecipeVersion { RecipeVersion(text)! }

  private static func facts(_ newest: String?, _ change: (inout UpgradeGate.Facts) -> Void = { _ in }) -> UpgradeGate.Facts {
    var facts = UpgradeGate.Facts(running: version("1.2.0+26.1.0"), newest: newest.map(version))
    change(&facts)
    return facts
  }

  private static func note(_ version: String, _ text: String) -> UpgradeGate.Note {
    UpgradeGate.Note(version: Self.version(version), text: text)
  }

  @Test(arguments: [nil, "1.2.0+26.1.0", "1.1.9+26.0.0", "1.2.0+26.0.9"])
  func `nothing newer: current, or repaired when it is not as it should be`(newest: String?) {
    #expect(UpgradeGate.decide(Self.facts(newest)) == .current)
    #expect(UpgradeGate.decide(Self.facts(newest) { $0.drift = ["x"] }) == .repair(["x"]))
    // Neither its notes nor its rejection matter then.
    #expect(UpgradeGate.decide(Self.facts(newest) { $0.rejected = ["1.2.0+26.1.0"] }) == .current)
  }

  @Test(arguments: ["1.2.1+26.1.0", "1.3.0+26.2.0", "1.2.0+26.1.1", "1.10.0+26.1.0"])
  func `a newer one of the same major is applied, whatever else is wrong`(newest: String) {
    #expect(UpgradeGate.decide(Self.facts(newest)) == .apply(Self.version(newest)))
    #expect(UpgradeGate.decide(Self.facts(newest) { $0.drift = ["x"] }) == .apply(Self.version(newest)))
    #expect(UpgradeGate.decide(Self.facts(newest) { $0.update = .observe }) == .apply(Self.version(newest)))
  }

  @Test(arguments: ["2.0.0+27.0.0", "2.0.0+26.1.0", "10.0.0+26.1.0"])
  func `a major one is held`(newest: String) {
    #expect(UpgradeGate.decide(Self.facts(newest)) == .hold(.major, Self.version(newest), repair: []))
    // The recipe's number alone decides.
    #expect(UpgradeGate.decide(Self.facts("1.3.0+27.0.0")) == .apply(Self.version("1.3.0+27.0.0")))
  }

  @Test func `notes count from the running version, exclusive, to the newest, inclusive`() {
    let newest = "1.4.0+26.3.0"
    let ask = "Manual migration required."
    for (version, isHeld) in [("1.2.0+26.1.0", false), ("1.3.0+26.2.0", true), (newest, true), ("1.5.0+26.4.0", false)] {
      let decision = UpgradeGate.decide(
        Self.facts(newest) { $0.notes = [Self.note("1.2.1+26.1.0", "Nothing to do."), Self.note(version, ask)] })
      let hold = UpgradeGate.Decision.hold(
        .manualMigration(version: Self.version(version), phrase: "manual migration"), Self.version(newest), repair: [])
      #expect(decision == (isHeld ? hold : .apply(Self.version(newest))), "\(version)")
    }
  }

  @Test func `a version that was rolled back here is held, another is not, and what is lacking is repaired all the same`() {
    let rejected = Self.facts("1.3.0+26.2.0") { ($0.rejected, $0.drift) = (["1.3.0+26.2.0"], ["x"]) }
    #expect(UpgradeGate.decide(rejected) == .hold(.rejected, Self.version("1.3.0+26.2.0"), repair: ["x"]))
    #expect(UpgradeGate.decide(Self.facts("1.3.1+26.2.1") { $0.rejected = ["1.3.0+26.2.0"] }) == .apply(Self.version("1.3.1+26.2.1")))
  }

  @Test func `the settings' hold comes before everything`() {
    for newest in ["1.3.0+26.2.0", "2.0.0+27.0.0"] {
      let decision = UpgradeGate.decide(Self.facts(newest) { ($0.update, $0.drift) = (.hold, ["x"]) })
      #expect(decision == .hold(.asked, Self.version(newest), repair: ["x"]))
    }
  }

  @Test func `each decision has its own word, and says why`() {
    let version = Self.version("1.3.0+26.2.0")
    let holds: [UpgradeGate.Hold] = [.major, .manualMigration(version: version, phrase: "manual migration"), .rejected, .asked]
    let decisions = [.current, .repair(["x"]), .apply(version)] + holds.map { UpgradeGate.Decision.hold($0, version, repair: ["x"]) }
    #expect(Set(decisions.map(\.word)).count == decisions.count)
    #expect(Set(decisions.map(\.because)).count == decisions.count)
  }
}

@Suite struct HealthGateTests {
  private static func samples(_ text: String) -> [HealthGate.Sample] {
    text.enumerated().map { HealthGate.Sample(at: .seconds($0.offset), problem: $0.element == "x" ? "answers 500" : nil) }
  }

  @Test(arguments: [
    ("", "wait"), (".", "wait"), ("....", "wait"), (".....", "healthy"), ("xx...", "healthy"), (".xx..", "healthy"), ("...xx", "wait"),
    ("...xx.", "healthy"), ("xxx", "unhealthy"), ("..xxx", "unhealthy"), (".......xxx", "unhealthy"), ("xx", "wait"),
  ])
  func `healthy through the soak time; three bad looks in a row are the end`(looks: String, answer: String) {
    let wanted: HealthGate.Decision = answer == "wait" ? .wait : answer == "healthy" ? .healthy : .unhealthy("answers 500")
    #expect(HealthGate.decide(Self.samples(looks), soak: .seconds(4)) == wanted)
  }
}

@Suite struct DriftTests {
  private static var good: Drift.Facts {
    var facts = Drift.Facts()
    facts.wanted = ["A": "1"]
    facts.env = ["A": "1", "B": "2"]
    facts.secrets = ["s_cert_v1"]
    facts.presentSecrets = ["s_cert_v1", "s_other_v1"]
    facts.released = [Drift.Service(name: "app", image: "nginx:1.27"), Drift.Service(name: "db", image: "postgres")]
    facts.deployed = [Drift.Service(name: "app", image: "nginx:1.27@sha256:0a"), Drift.Service(name: "db", image: "postgres:latest")]
    return facts
  }

  @Test func `what is as it should be has no reason`() { #expect(Drift.reasons(Self.good) == []) }

  static let changes: [(@Sendable (inout Drift.Facts) -> Void, String)] = [
    ({ $0.wanted["A"] = "2" }, ".env: A is not as in the settings"), ({ $0.wanted["C"] = "" }, ".env: C is not as in the settings"),
    ({ $0.secrets = ["s_cert_v2"] }, "secret s_cert_v2 is not there"),
    ({ $0.isChaos = true }, "deployed from a checkout, not from its release"), ({ $0.deployed.removeLast() }, "service db is missing"),
    ({ $0.deployed[0].image = "nginx:1.26" }, "service app runs nginx:1.26"),
    ({ $0.released.removeLast() }, "service db is not of this release"), ({ $0.problem = "answers 500" }, "not healthy: answers 500"),
  ]

  @Test(arguments: changes.indices) func `each difference is named`(index: Int) {
    var facts = Self.good
    Self.changes[index].0(&facts)
    #expect(Drift.reasons(facts) == [Self.changes[index].1])
  }
}

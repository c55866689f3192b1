import CCCICore

extension TestResult {
  static func named(_ name: String, _ outcome: Outcome = .pass) -> TestResult {
    TestResult(name: name, origin: .generic, outcome: outcome, because: outcome == .pass ? nil : "\(name) says so")
  }
}

extension TierResult {
  /// A tier that passed with two tests.
  static func passed(_ tier: Tier) -> TierResult { judged(tier, tests: [.named("one"), .named("two")], seconds: 1) }
}

extension Verdict.Evidence {
  /// A cold run of everything, in which everything passed.
  static var green: Verdict.Evidence {
    Verdict.Evidence(mode: .cold, planned: Tier.allCases, tiers: Tier.allCases.map { .passed($0) }, deploys: 1, expectedDeploys: 1)
  }

  /// The same with a change.
  func with(_ change: (inout Verdict.Evidence) -> Void) -> Verdict.Evidence {
    var changed = self
    change(&changed)
    return changed
  }

  subscript(_ tier: Tier) -> TierResult {
    get { tiers.first { $0.tier == tier } ?? TierResult(tier, .error(.harness, "none")) }
    set { tiers = tiers.map { $0.tier == tier ? newValue : $0 } }
  }

  /// Any result that a run could come to: most parts are well, so that every verdict is met often.
  static func any(_ dice: inout Lots) -> Verdict.Evidence {
    let planned = dice.isOne(in: 4) ? [.install] + Tier.allCases.dropFirst().filter { _ in dice.isOne(in: 2) } : Tier.allCases
    let tiers = planned.map { tier(&dice, $0) }
    let expected = dice.number(1...2)
    return Verdict.Evidence(
      mode: dice.isOne(in: 3) ? .quick : .cold, planned: planned, tiers: tiers, leftovers: dice.isOne(in: 30) ? ["volume x"] : [],
      deploys: dice.isOne(in: 30) ? dice.number(0...3) : expected, expectedDeploys: expected, secretLeak: dice.isOne(in: 30),
      stopped: dice.isOne(in: 30) ? "stopped" : nil)
  }

  private static func tier(_ dice: inout Lots, _ tier: Tier) -> TierResult {
    switch dice.number(0...15) {
    case 0: return TierResult(tier, .skip(.declared, "declared"))
    case 1: return TierResult(tier, .skip(.structural, "structural"))
    case 2: return TierResult(tier, .error(dice.pick([.infra, .baseBroken, .aborted, .timeout]), "error"))
    default:
      let isSound = !dice.isOne(in: 6)
      let outcomes = (0..<dice.number(0...4)).map { _ in isSound ? dice.pick([.pass, .pass, .skip]) : dice.pick(Outcome.allCases) }
      return .judged(tier, tests: (isSound ? [.pass] + outcomes : outcomes).enumerated().map { .named("t\($0)", $1) }, seconds: 1)
    }
  }

  struct Worsening {
    var name: String
    var change: (inout Verdict.Evidence) -> Void

    init(_ name: String, _ change: @escaping (inout Verdict.Evidence) -> Void) { (self.name, self.change) = (name, change) }
  }

  /// Every way to take something away from a result, or to make a part of it worse.
  var worsenings: [Worsening] {
    let further = deploys < expectedDeploys ? -1 : 1
    return [
      Worsening("leftover") { $0.leftovers.append("secret y") }, Worsening("leak") { $0.secretLeak = true },
      Worsening("stop") { $0.stopped = "killed" }, Worsening("deploys") { $0.deploys += further },
      Worsening("no deploy") { $0.deploys = 0 },
      Worsening("none expected") { ($0.deploys, $0.expectedDeploys) = (0, 0) }, Worsening("no tiers") { $0.tiers = [] },
    ] + tiers.indices.flatMap(worsenings)
  }

  private func worsenings(ofTierAt place: Int) -> [Worsening] {
    let tier = tiers[place]
    var all = [
      Worsening("\(tier.tier) dropped") { $0.tiers.remove(at: place) }, Worsening("\(tier.tier) twice") { $0.tiers.append(tier) },
      Worsening("\(tier.tier) without tests") { $0.tiers[place].tests = [] },
    ]
    let worse: [Outcome] = [.skip, .fail, .error]
    if tier.outcome == .pass { all += worse.map { outcome in Worsening("\(tier.tier) \(outcome)") { $0.tiers[place].outcome = outcome } } }
    if tier.outcome == .skip { all.append(Worsening("\(tier.tier) without reason") { $0.tiers[place].reason = nil }) }
    for (index, test) in tier.tests.enumerated() {
      let name = "\(tier.tier).\(test.name)"
      all.append(Worsening("\(name) dropped") { $0.tiers[place].tests.remove(at: index) })
      guard test.outcome == .pass else { continue }
      all += worse.map { outcome in Worsening("\(name) \(outcome)") { $0.tiers[place].tests[index].outcome = outcome } }
    }
    return all
  }
}

extension Verdict {
  /// How good it is: green, then quick-green and partial, then what is neither.
  var rank: Int {
    switch self {
    case .green: 2
    case .quickGreen, .partial: 1
    case .unjudged, .red: 0
    }
  }
}

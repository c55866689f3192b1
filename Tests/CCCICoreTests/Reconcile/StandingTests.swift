import Testing

@testable import CCCICore

@Suite struct StandingTests {
  private static let updates: [(ServiceState.Update.State?, Bool)] = [
    (nil, true), (.completed, true), (.paused, false), (.rollbackCompleted, false), (.rollbackPaused, false),
  ]

  @Test(arguments: updates)
  func `an app at rest is as deployed, unless swarm went back or stopped half way`(update: ServiceState.Update.State?, isGood: Bool) {
    let judgement = Standing.judge(.made([.made("app", "1/1", update), .made("db")]))
    if isGood {
      #expect(judgement == .converged)
    } else {
      let word = update?.rawValue ?? ""
      #expect(judgement == .failed(reasons: ["app: \(word): swarm says \(word)"]))
    }
  }

  @Test func `an old task that still runs is no proof of the new version`() {
    let before = StackView.made([.made("app")], at: 10)
    let changed = StackView.made([ServiceState.made("app").with { $0.template = .made("b") }], [.made("t1")], at: 12)
    guard case .waiting = Standing.judge(changed, before: before, redeployed: second(11)) else {
      Issue.record("taken for deployed: \(Standing.judge(changed, before: before, redeployed: second(11)))")
      return
    }
    let replaced = StackView.made(
      [ServiceState.made("app", "1/1", .completed, started: 12).with { $0.template = .made("b") }], [.made("t2", template: .made("b"))],
      at: 1000)
    #expect(Standing.judge(replaced, before: before, redeployed: second(11)) == .converged)
    // Where nothing ran before, rest is enough.
    #expect(Standing.judge(replaced, before: .made([]), redeployed: second(11)) == .converged)
  }

  @Test func `nothing deployed is not healthy`() {
    guard case .waiting = Standing.judge(.made([])) else {
      Issue.record("an empty stack was taken for healthy")
      return
    }
  }
}

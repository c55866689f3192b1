import FoundationEssentials
import Testing

@testable import CCCICore

@Suite(.timeLimit(.minutes(30))) struct ExactlyOnceTests {
  /// 500 passes each by repository and by the change feed; `CCCI_POLL_PASSES` makes it longer, `CCCI_POLL_SEED` repeats one.
  @Test(arguments: [false, true])
  func `1000 passes with deaths, faults, doubled webhooks and stepping clocks: every comment has one run`(isLarge: Bool) async throws {
    let seed = Fuzz.number("CCCI_POLL_SEED").map { UInt64($0) } ?? UInt64.random(in: 0...(1 << 40))
    let passes = Fuzz.number("CCCI_POLL_PASSES") ?? 500
    // With more than 20 repositories the change feed is read.
    let more = (0..<(isLarge ? 20 : 0)).map { "recipes/quiet\($0)" }
    let simulation = try PollSimulation(seed: seed, repositories: PollSimulation.repositories + more)
    let world = simulation.world
    print("exactly once: seed \(seed)")
    simulation.faults.withLock { $0 = (0, 0) }
    try await simulation.pass()
    world.forge.pass(3)
    simulation.faults.withLock { $0 = (0.1, 0.008) }
    try await simulation.run(passes: passes)
    let settled = try await simulation.settle()
    let open = try world.shelf.open()
    #expect(settled > 0, "\(open.prefix(3))")

    var endings: [String: Int] = [:]
    var (runs, builds, twice, failed) = (0, 0, 0, 0)
    for (id, key) in simulation.eligible.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      guard let trigger = try world.trigger(id) else {
        Issue.record("lost: \(key): \(try simulation.story(of: id))")
        continue
      }
      let made = world.forge.builds(of: key)
      let ran = made.filter(\.isRun).count
      (runs, builds, twice) = (runs + ran, builds + made.count, twice + (made.count > 1 ? 1 : 0))
      endings[trigger.ending?.rawValue ?? "open", default: 0] += 1
      switch trigger.ending {
      case .finished: #expect(ran == 1, "\(key): \(ran) runs of \(made.count) builds: \(trigger.history)")
      case .joined: #expect(made.isEmpty, "\(key)")
      // A clock that stepped, or a long outage: it says so, and runs nothing.
      case .refused where trigger.seen.timeIntervalSince(trigger.created) > TriggerWalk.oldest: #expect(made.isEmpty, "\(key)")
      // Drone failed five times in a row: it says so.
      case .failed where trigger.reason?.contains("builds were asked for, and none was made") == true:
        #expect(ran == 0, "\(key)")
        failed += 1
      case .refused, .failed, .answered, .cancelled, nil: Issue.record("\(key): \(trigger.reason ?? "") \(trigger.history.suffix(6))")
      }
      #expect(world.forge.answers(key).count == 1, "\(key): \(world.forge.answers(key).map(\.body)) \(trigger)")
      #expect(made.filter { !$0.isRun && $0.finished != nil }.allSatisfy { $0.status == "success" })
    }
    for id in simulation.others.withLock({ $0 }) {
      let keys = world.forge.state.withLock { $0.builds.filter { $0.params["CCCI_TRIGGER"]?.hasSuffix("@\(id)") == true } }
      #expect(keys.isEmpty, "\(id) had no right to a build")
    }
    let all = world.forge.state.withLock { $0.builds }
    let byKey = Dictionary(grouping: all.filter(\.isRun)) { $0.params["CCCI_TRIGGER"] ?? "" }
    #expect(byKey.values.allSatisfy { $0.count == 1 })
    let counts = simulation.counts.withLock { $0 }
    print(
      """
      exactly once\(isLarge ? " by the feed" : ""): \(counts.passes) passes, \(counts.crashes) deaths, \(counts.faults) faults (\(counts.late) late), \
      \(counts.refused) refused connections, \(counts.locked) locked out, \(counts.hooks) hooks, \(counts.steps) steps of a clock, \(counts.outages) outages
      \(counts.comments) comments with a right to a run: \(endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")); \
      \(runs) runs of \(builds) builds, \(twice) keys with more than one build; 0 lost, 0 doubled; quiet after \(settled) more passes
      """)
    #expect(counts.crashes > passes / 50 && counts.faults > passes / 20)
    #expect(runs > passes / 20)
    #expect(failed <= 1 + passes / 300)
  }
}

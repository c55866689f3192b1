import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite("Runs beside one another", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct LockTests {
  @Test("with two slots, two commits of one recipe run at the same time, and both are green")
  func twoCommits() async throws {
    let place = World.Installation.own("slots")
    let ids = [World.unique("one"), World.unique("two")]
    let targets = [try await World.ownPullRequest("custom-html"), try await World.ownPullRequest("custom-html")]
    async let first = start(targets[0], ids[0], place, capacity: 2)
    async let second = start(targets[1], ids[1], place, capacity: 2)
    for run in try await [first, second] { #expect(run.status == 0, "\(run)") }
    let records = try ids.map { try record($0, place) }
    let begin = records.map(\.started).max() ?? .distantPast
    let end = try records.map { try #require($0.finished) }.min() ?? .distantFuture
    #expect(begin < end, "one waited for the other")
  }

  @Test("two runs of the same commit come one after the other, and the second says for whom it waits")
  func sameCommit() async throws {
    let place = World.Installation.own("same")
    let ids = [World.unique("same"), World.unique("same")]
    let target = try await World.ownPullRequest("custom-html") + ["--tiers", "install"]
    async let first = start(target, ids[0], place, capacity: 2)
    _ = try await World.begun(ids[0], of: place)
    let second = try await start(target, ids[1], place, capacity: 2)
    #expect(try await first.status == 0)
    #expect(second.status == 0, "\(second)")
    let end = try #require(try record(ids[0], place).finished)
    #expect(try record(ids[1], place).started >= end)
    #expect(second.error.contains("waiting for the app "), "\(second)")
    #expect(second.error.contains("held by run \(ids[0]) (custom-html)"), "\(second)")
  }

  @Test("with one slot, a build that starts beside a killed run's teardown waits for its end")
  func besideTeardown() async throws {
    let place = World.Installation.own("wait")
    let ids = [World.unique("dead"), World.unique("next")]
    let killed = try await World.ownPullRequest("notes")
    async let first = start(killed, ids[0], place, capacity: 1)
    let record = try await World.record(ids[0], of: place, when: "in its upgrade") { $0.phase == "upgrade" }
    let next = try await World.ownPullRequest("custom-html") + ["--tiers", "install"]
    #expect(kill(record.pid, SIGKILL) == 0)
    let second = try await start(next, ids[1], place, capacity: 1)
    _ = try await first
    #expect(second.status == 0, "\(second)")
    #expect(second.error.contains("waiting for a slot: held by run \(ids[0]) (notes)"), "\(second)")
    let gone = try #require(try self.record(ids[0], place).finished)
    #expect(try self.record(ids[1], place).started >= gone)
    #expect(try await World.traces(of: World.domain(killed)).isEmpty)
  }

  @Test("a run that starts while the host is held waits for it, and gives up at its deadline with 75")
  func heldHost() async throws {
    let place = World.Installation.own("held")
    let gate = try #require(try FileLock.attempt("\(place.locks)/gate", holder: "reconcile traefik"))
    let run = try await World.run(
      World.ownPullRequest("custom-html") + ["--run-id", World.unique("held")],
      with: place.environment.merging(["CCCI_RUN_DEADLINE": "2s"]) { $1 })
    withExtendedLifetime(gate) {}
    #expect(run.error.contains("waiting for the gate: held by reconcile traefik"), "\(run)")
    #expect(run.status == 75, "\(run)")
  }

  private func start(_ target: [String], _ id: String, _ place: World.Installation, capacity: Int) async throws -> World.Outcome {
    try await World.run(
      target + ["--run-id", id], with: place.environment.merging(["CCCI_RUN_CAPACITY": "\(capacity)"]) { $1 }, atOnce: true)
  }

  private func record(_ id: String, _ place: World.Installation) throws -> RunRecord {
    try #require(try RunDirectory(runs: place.runs, id: id).readRecord())
  }
}

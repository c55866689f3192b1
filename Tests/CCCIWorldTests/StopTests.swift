import CCCICore
import Glibc
import Testing

@Suite("Stopping a run", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct StopTests {
  @Test("TERM in the middle of a run ends it after one teardown, with 143 and a result", arguments: [2.0, 4.5])
  func terminated(after seconds: Double) async throws {
    let target =
      seconds < 3
      ? ["custom-html", "--ref", try await World.release("custom-html", "1.0.0+1.27.0")] : ["custom-html", "--version", "1.2.0+1.27.2"]
    let id = World.unique("term")
    async let ending = World.run(target + ["--run-id", id])
    let record = try await World.begun(id)
    try await Task.sleep(for: .seconds(seconds))
    #expect(kill(record.pid, SIGTERM) == 0)
    let run = try await ending
    #expect(run.status == 143, "\(run)")
    #expect(run.message.first == "stopped by signal 15", "\(run)")
    let results = try World.results(id)
    #expect(results.exitCode == 143 && results.verdict != .green)
    #expect(results.flags.cleanTeardown)
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  @Test("a run that passes its own deadline is torn down and ends with 124")
  func deadline() async throws {
    let place = World.Installation.own("late")
    let target = try await World.ownPullRequest("notes")
    let id = World.unique("late")
    let run = try await World.run(target + ["--run-id", id], with: place.environment.merging(["CCCI_RUN_DEADLINE": "5s"]) { $1 })
    #expect(run.status == 124, "\(run)")
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }
}

import CCCICore
import Glibc
import Testing

@Suite("Killing a run", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(8)))
struct KillTests {
  /// Each its own app, so that the kills can be tried side by side.
  static let instants: [(version: String, seconds: Double)] = [("0.1.0+1.0.0", 0.4), ("0.2.0+1.1.0", 1.0), ("1.0.0+1.2.0", 6.0)]

  @Test("KILL at any instant: within 20 s everything is gone by the guard, and stays gone", arguments: instants.indices)
  func killed(_ index: Int) async throws {
    let target = ["notes", "--ref", try await World.release("notes", Self.instants[index].version)]
    let id = World.unique("kill")
    async let ending = World.run(target + ["--run-id", id])
    let record = try await World.begun(id)
    try await Task.sleep(for: .seconds(Self.instants[index].seconds))
    #expect(kill(record.pid, SIGKILL) == 0)
    _ = try await ending
    let domain = try await World.domain(target)
    #expect(try await gone(domain, id, within: 20))
    try await Task.sleep(for: .seconds(3))
    #expect(try await World.traces(of: domain).isEmpty)
    let results = try World.results(id)
    #expect(results.verdict == .unjudged && results.exitCode == 137)
    #expect(results.reason.contains("guard"))
  }

  @Test("with run and guard both killed, one janitor pass restores the host, and its dry run touches nothing")
  func bothKilled() async throws {
    let target = ["notes", "--version", "0.2.0+1.1.0"]
    let id = World.unique("both")
    async let ending = World.run(target + ["--run-id", id])
    let record = try await World.begun(id)
    try await Task.sleep(for: .seconds(3))
    let guards = try await World.guards(of: id)
    #expect(guards.count == 1)
    for process in guards { kill(process, SIGKILL) }
    #expect(kill(record.pid, SIGKILL) == 0)
    _ = try await ending
    let domain = try await World.domain(target)
    #expect(try await !World.traces(of: domain).isEmpty)
    let dry = try await World.run(["--dry-run"], command: "ccci-janitor")
    #expect(dry.status == 0 && dry.output.contains("would reap  \(domain)"), "\(dry)")
    #expect(try await !World.traces(of: domain).isEmpty)
    let pass = try await World.run([], command: "ccci-janitor")
    #expect(pass.status == 0 && pass.output.contains("reaped  \(domain)"), "\(pass)")
    #expect(!pass.output.contains("reaped  demo-decade"))
    #expect(pass.output.contains("not ours  demo-decade.ci.localhost"))
    #expect(try await World.traces(of: domain).isEmpty)
    #expect(try World.results(id).exitCode == 137)
  }

  private func gone(_ domain: String, _ id: String, within seconds: Int) async throws -> Bool {
    for _ in 0..<(seconds * 10) {
      let directory = RunDirectory(runs: "\(World.folder)/runs", id: id)
      if try directory.readResults() != nil, try await World.traces(of: domain).isEmpty { return true }
      try await Task.sleep(for: .milliseconds(100))
    }
    return false
  }
}

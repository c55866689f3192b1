import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite("Janitors", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct JanitorTests {
  /// `CCCI_TEST_ROUNDS=50` for the whole number.
  private static let rounds = World.variable("CCCI_TEST_ROUNDS").flatMap { Int($0) } ?? 12

  @Test("two janitors beside live runs, over and over: no live run is touched, and each orphan is reaped by exactly one")
  func twoJanitors() async throws {
    let place = World.Installation.own("janitors")
    let over = Locked(false)
    // A live run at every moment, one after the other.
    let target = try await World.ownPullRequest("custom-html")
    let traffic = Task {
      var verdicts: [String] = []
      while !over.withLock({ $0 }) {
        let run = try await World.run(target + ["--run-id", World.unique("live")], with: place.environment)
        verdicts.append(run.status == 0 ? "green" : "\(run)")
      }
      return verdicts
    }
    var reaped = 0
    for round in 0..<Self.rounds {
      let orphans = [try await orphan(in: place), try await orphan(in: place)]
      async let one = World.run(["--json"], command: "ccci-janitor", with: place.environment)
      async let other = World.run(["--json"], command: "ccci-janitor", with: place.environment)
      let passes = try await [one, other]
      for pass in passes { #expect(pass.status == 0, "\(pass)") }
      let findings = try passes.flatMap { try $0.output.split(separator: "\n").map { try Self.finding($0) } }
      for orphan in orphans {
        let by = findings.filter { $0.name == orphan && $0.decision == "reaped" }.count
        // The other run's own pass at its start may have been quicker than both.
        #expect(by <= 1, "round \(round): \(orphan) was reaped \(by) times")
        #expect(try await World.traces(of: orphan).isEmpty)
        reaped += 1
      }
      #expect(!findings.contains { $0.decision == "reaped" && !orphans.contains($0.name) })
    }
    over.withLock { $0 = true }
    let verdicts = try await traffic.value
    #expect(verdicts.allSatisfy { $0 == "green" }, "\(verdicts)")
    #expect(reaped == 2 * Self.rounds && !verdicts.isEmpty)
    print("two janitors, \(Self.rounds) rounds: \(reaped) orphans gone, \(verdicts.count) live runs green beside them")
  }

  private struct Finding: Decodable {
    var name: String
    var decision: String
  }

  private static func finding(_ line: Substring) throws -> Finding { try JSONDecoder().decode(Finding.self, from: Data(line.utf8)) }

  /// What a run that was killed long ago left: a record without an end, a volume of the stack, a secret, an `.env`.
  private func orphan(in place: World.Installation) async throws -> String {
    let id = World.unique("orphan")
    let domain = "orph-\(RandomID.hex(6)).ci.localhost"
    let stack = AppDomain(domain).stack
    let instance = try Instance.onShelf("\(place.folder)/shelf").id
    var record = RunRecord(
      runID: id, recipe: "orphan", ref: nil, pr: nil, mode: .cold, pid: 1, bootID: "another boot", cookie: RandomID.hex(32),
      owner: "\(instance)/\(id)", phase: "install", started: Date(timeIntervalSinceNow: -600), deadline: Date(timeIntervalSinceNow: 600),
      locks: [], testsCommit: "", trigger: nil, src: "https://git.ci.localhost:8443/x.git", tiers: [.install], abraVersion: "0.13.0",
      host: "ci.localhost")
    record.apps = [domain]
    let directory = RunDirectory(runs: place.runs, id: id)
    #expect(try directory.create())
    // Held while it is made: it is an orphan only once it is whole.
    let lock = try FileLock.attempt("\(place.locks)/app-\(domain)", holder: "the test")
    try directory.write(record)
    try Files.write(Array("CCCI_OWNER=\(instance)/\(id)\n".utf8), to: "\(World.folder)/abra-home/servers/default/\(domain).env")
    _ = try await World.shell(
      "docker", ["volume", "create", "--label", "com.docker.stack.namespace=\(stack)", "\(stack)_data"])
    _ = try await World.shell(
      "sh", ["-c", "echo x | docker secret create --label com.docker.stack.namespace=\(stack) \(stack)_password_v1 -"])
    withExtendedLifetime(lock) {}
    return domain
  }
}

import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite("Killing a run", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct KillTests {
  /// When a run is killed.
  enum Moment: CustomTestStringConvertible, Sendable {
    case begin(of: String)
    case after(seconds: Double)
    case stackDeploy

    var testDescription: String {
      switch self {
      case .begin(let phase): "at the begin of \(phase)"
      case .after(let seconds): "\(seconds) s after its begin"
      case .stackDeploy: "inside of abra's stack deploy"
      }
    }
  }

  /// `scripts/bench kill` tries every phase and twenty random instants; these are the nastiest.
  @Test(
    "KILL: within 20 s everything is gone by the guard, and stays gone",
    arguments: [Moment.begin(of: "checkout"), .stackDeploy, .begin(of: "upgrade"), .after(seconds: 9)])
  func killed(_ moment: Moment) async throws {
    let place = World.Installation.own("kill")
    let target = try await World.ownPullRequest("notes")
    let id = World.unique("kill")
    async let ending = World.run(target + ["--run-id", id], with: place.environment)
    let record = try await wait(for: moment, id, place)
    #expect(kill(record.pid, SIGKILL) == 0)
    _ = try await ending
    let domain = try await World.domain(target)
    try await expectGone(domain, id, place, within: 20)
    try await Task.sleep(for: .seconds(3))
    #expect(try await World.traces(of: domain).isEmpty)
    let results = try World.results(id, of: place)
    #expect(results.verdict == .unjudged && results.exitCode == 137)
    #expect(results.reason.contains("guard"))
  }

  @Test("with run and guard both killed, one janitor pass restores the host, and its dry run touches nothing")
  func bothKilled() async throws {
    let place = World.Installation.own("both")
    let target = try await World.ownPullRequest("notes")
    let id = World.unique("both")
    async let ending = World.run(target + ["--run-id", id], with: place.environment)
    let record = try await wait(for: .begin(of: "upgrade"), id, place)
    try await killGuard(of: id)
    #expect(kill(record.pid, SIGKILL) == 0)
    _ = try await ending
    let domain = try await World.domain(target)
    #expect(try await !World.traces(of: domain).isEmpty)
    let dry = try await World.run(["--dry-run"], command: "ccci-janitor", with: place.environment)
    #expect(dry.status == 0 && dry.output.contains("would reap  \(domain)"), "\(dry)")
    #expect(try await !World.traces(of: domain).isEmpty)
    let pass = try await World.run([], command: "ccci-janitor", with: place.environment)
    #expect(pass.status == 0 && pass.output.contains("reaped  \(domain)"), "\(pass)")
    #expect(!pass.output.contains("reaped  demo-decade"))
    #expect(pass.output.contains("not ours  demo-decade.ci.localhost"))
    #expect(try await World.traces(of: domain).isEmpty)
    #expect(try World.results(id, of: place).exitCode == 137)
  }

  @Test("a reboot, played: everything is killed and the lock folder emptied; one janitor pass restores the host")
  func reboot() async throws {
    let place = World.Installation.own("boot")
    let target = try await World.ownPullRequest("notes")
    let id = World.unique("boot")
    async let ending = World.run(target + ["--run-id", id], with: place.environment)
    let record = try await World.record(id, of: place, when: "in its backup") { $0.phase == "backup" }
    try await killGuard(of: id)
    #expect(kill(record.pid, SIGKILL) == 0)
    ProcessFamily.kill(cookie: record.cookie)
    _ = try await ending
    try Files.removeTree(place.locks)
    let domain = try await World.domain(target)
    let pass = try await World.run([], command: "ccci-janitor", with: place.environment)
    #expect(pass.status == 0 && pass.output.contains("reaped  \(domain)"), "\(pass)")
    #expect(try await World.traces(of: domain).isEmpty)
    #expect(try World.results(id, of: place).verdict == .unjudged)
  }

  @Test("a stopped run is killed by its guard, past its deadline and its teardown's budget, and torn down")
  func stopped() async throws {
    let place = World.Installation.own("hang")
    let target = try await World.ownPullRequest("notes")
    let id = World.unique("hang")
    let limits = ["CCCI_RUN_DEADLINE": "12s", "CCCI_RUN_TEARDOWN": "3s", "CCCI_RUN_SILENCE": "12s"]
    async let ending = World.run(target + ["--run-id", id], with: place.environment.merging(limits) { $1 })
    let record = try await World.record(id, of: place, when: "at its app") { !$0.apps.isEmpty }
    try await Task.sleep(for: .seconds(1))
    #expect(kill(record.pid, SIGSTOP) == 0)
    let run = try await ending
    #expect(run.status == -SIGKILL, "\(run)")
    try await expectGone(World.domain(target), id, place, within: 20)
    #expect(Date() > record.deadline.addingTimeInterval(3))
    #expect(try World.results(id, of: place).verdict == .unjudged)
  }

  @Test("when the shell that started it is killed and its folder deleted, the run ends itself and leaves nothing")
  func parentKilled() async throws {
    let place = World.Installation.own("step")
    let target = try await World.ownPullRequest("notes")
    let id = World.unique("step")
    let folder = "\(place.folder)/workspace"
    try Files.createDirectory(folder)
    let words = (["\(World.binaries)/ccci-run"] + target + ["--run-id", id, "--die-with-parent"]).joined(separator: " ")
    let environment = World.environment(place.environment.merging(["HOME": folder]) { $1 })
    async let ending = World.host.run(
      Command("/bin/sh", ["-e", "-c", "\(words)\ntrue"], environment: environment, directory: folder, limit: .seconds(200)))
    let record = try await World.record(id, of: place, when: "in its upgrade") { $0.phase == "upgrade" }
    let shell = try parent(of: record.pid)
    #expect(kill(shell, SIGKILL) == 0)
    try Files.removeTree(folder)
    _ = try await ending
    let ended = try await World.record(id, of: place, when: "finished", within: 30) { $0.finished != nil }
    #expect(ended.phase == "finished", "not by itself, but \(ended.phase)")
    let results = try World.results(id, of: place)
    #expect(results.exitCode == 143 && results.reason.contains("the process that started this run has ended"), "\(results.reason)")
    #expect(results.flags.cleanTeardown)
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  private func wait(for moment: Moment, _ id: String, _ place: World.Installation) async throws -> RunRecord {
    switch moment {
    case .begin(let phase): return try await World.record(id, of: place, when: "in \(phase)") { $0.phase == phase }
    case .after(let seconds):
      let record = try await World.begun(id, of: place)
      try await Task.sleep(for: .seconds(seconds))
      return record
    case .stackDeploy:
      let record = try await World.begun(id, of: place)
      for _ in 0..<3000 {
        let family = ProcessFamily.members(variable: ProcessFamily.variable, value: record.cookie)
        if try family.contains(where: { try commandLine($0).contains("stack deploy") }) { return record }
        try await Task.sleep(for: .milliseconds(10))
      }
      throw Failure(.timedOut, "run \(id): no stack deploy seen")
    }
  }

  private func commandLine(_ process: Int32) throws -> String {
    guard let bytes = try? Files.read("/proc/\(process)/cmdline") else { return "" }
    return String(decoding: bytes.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
  }

  private func parent(of process: Int32) throws -> Int32 {
    let status = String(decoding: try Files.read("/proc/\(process)/stat"), as: UTF8.self)
    // After the name in brackets: state, parent.
    let fields = status[try #require(status.lastIndex(of: ")"))...].split(separator: " ")
    return try #require(Int32(fields[2]))
  }

  private func killGuard(of id: String) async throws {
    let guards = try await World.guards(of: id)
    #expect(guards.count == 1)
    for process in guards { kill(process, SIGKILL) }
  }

  private func expectGone(_ domain: String, _ id: String, _ place: World.Installation, within seconds: Int) async throws {
    let directory = RunDirectory(runs: place.runs, id: id)
    for _ in 0..<(seconds * 10) {
      if try directory.readRecord()?.finished != nil, try await World.traces(of: domain).isEmpty { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("after \(seconds) s there is still: \(try await World.traces(of: domain))")
  }
}

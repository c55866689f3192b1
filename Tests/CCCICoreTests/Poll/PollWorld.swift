import FoundationEssentials

@testable import CCCICore

/// A forge, a shelf and passes over them.
struct PollWorld: Sendable {
  let forge = FakeForge()
  let folder: TemporaryFolder
  var settings: Settings
  let said = Locked<[String]>([])

  init(repositories: [String] = ["recipes/notes"], allow: [String] = []) throws(Failure) {
    folder = try TemporaryFolder(inMemory: true)
    var settings = Settings()
    settings.host.zone = "ci.example.org"
    settings.host.shelf = folder("shelf")
    settings.host.runs = folder("runs")
    settings.forge.url = FakeForge.url
    settings.forge.tokenFile = "/t"
    settings.forge.bot = FakeForge.bot.login
    settings.forge.repositories = repositories
    settings.forge.allow = allow
    settings.drone.url = FakeForge.drone
    settings.drone.tokenFile = "/t"
    settings.drone.repository = FakeForge.repository
    self.settings = settings
  }

  var shelf: PollShelf { PollShelf(shelf: settings.host.shelf) }

  func pass(_ host: Host? = nil, _ shelf: PollShelf? = nil, settings: Settings? = nil, token: String = "gitea-token") -> PollPass {
    PollPass(
      settings: settings ?? self.settings, host: host ?? forge.host, shelf: shelf ?? self.shelf, tokens: (token, "drone-token"),
      says: { [said] line in said.withLock { $0.append(line) } })
  }

  @discardableResult
  func run(only: String? = nil) async throws(Failure) -> PollPass.Report {
    // A program that another test is just starting holds the lock with us for some milliseconds.
    for _ in 0..<200 {
      do throws(Failure) { return try await pass().run(only: only) } catch {
        guard error.code == .tryAgain else { throw error }
      }
      do { try await Task.sleep(for: .milliseconds(10)) } catch { throw .cancelled }
    }
    return try await pass().run(only: only)
  }

  /// So many passes, 31 s after one another.
  func passes(_ count: Int) async throws(Failure) {
    for _ in 0..<count {
      forge.pass(31)
      try await run()
    }
  }

  func trigger(_ id: Int) throws(Failure) -> PollTrigger? { try shelf.trigger(id) }

  func key(_ id: Int, _ slug: String = "recipes/notes", _ pull: Int = 12) -> String { "git.example.org/\(slug)#\(pull)@\(id)" }

  /// One step of the runner: ends what has run long enough, begins what waits longest. A build runs only if it gets the claim of its key.
  func runner(duration: Double = 60, verdict: Verdict = .green) throws(Failure) {
    let runs = settings.host.runs
    let (running, next, now, elapsed) = forge.state.withLock { state in
      (
        state.builds.first { $0.status == "running" }, state.builds.first { $0.status == "pending" && $0.machine.isEmpty }, state.serverNow,
        state.elapsed
      )
    }
    if let running {
      if running.isRun { try beat(running.number) }
      guard running.ends <= elapsed else { return }
      if running.isRun { try write(running, verdict) }
      change(running.number) {
        $0.status = running.isRun && verdict == .red ? "failure" : "success"
        $0.finished = now
      }
      return try runner(duration: duration, verdict: verdict)
    }
    guard let next, let key = next.params["CCCI_TRIGGER"] else { return }
    try Files.createDirectory(runs)
    let claim = RunClaim(key: key, run: "d\(next.number)", build: next.number, at: now)
    let isRun = try claim.claim(runs: runs) == nil
    change(next.number) {
      ($0.status, $0.started, $0.isRun, $0.ends) = ("running", now, isRun, elapsed + (isRun ? duration : 1))
    }
  }

  private func change(_ number: Int, _ body: (inout FakeForge.Build) -> Void) {
    forge.state.withLock { state in
      guard let index = state.builds.firstIndex(where: { $0.number == number }), state.builds[index].finished == nil else { return }
      body(&state.builds[index])
    }
  }

  /// The hearts of what runs beat on while a pass waits.
  func beat() throws(Failure) {
    let running = forge.state.withLock { $0.builds.first { $0.status == "running" && $0.isRun } }
    if let running { try beat(running.number) }
  }

  private func beat(_ number: Int) throws(Failure) {
    let directory = RunDirectory(runs: settings.host.runs, id: "d\(number)")
    if try Files.status(directory.path) == nil { _ = try directory.create() }
    var record = Records.record(directory.id)
    record.heartbeat = forge.localNow
    try directory.write(record)
  }

  private func write(_ build: FakeForge.Build, _ verdict: Verdict) throws(Failure) {
    var results = verdict == .red ? Records.full : Records.bare
    results.runID = "d\(build.number)"
    results.recipe = build.params["RECIPE"] ?? ""
    results.ref = build.params["REF"]
    results.trigger = build.params["CCCI_TRIGGER"]
    results.verdict = build.params["STAGES"] == nil ? verdict : .partial
    results.reason = "every tier passed"
    let directory = RunDirectory(runs: settings.host.runs, id: "d\(build.number)")
    try directory.write(results)
  }

  static func sha(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "a", count: 40 - digits.count) + digits
  }
}

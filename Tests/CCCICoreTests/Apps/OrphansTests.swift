import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct OrphansTests {
  static let domain = "note-ab12cd.ci.example.org"
  static let now = Records.start.addingTimeInterval(10_000)

  /// A record that is so many seconds old.
  static func record(age: Double = 1000, apps: [String] = [domain], keepFor: Double? = nil) -> RunRecord {
    var record = Records.record("d1", started: now.addingTimeInterval(-age))
    record.apps = apps
    record.keepUntil = keepFor.map { now.addingTimeInterval($0) }
    return record
  }

  static let cases: [(String, Orphans.Candidate, Orphans.Decision)] = [
    ("a name alone", candidate(), .foreign), ("a name, and somebody holds the lock", candidate(heldBy: "x"), .foreign),
    ("our mark", candidate(mark: "me/d1"), .reap), ("our mark, no record", candidate(mark: "me/d9"), .reap),
    ("another's mark", candidate(mark: "you/d1"), .foreign),
    ("another's mark on a domain that we listed", candidate(mark: "you/d1", record: record()), .foreign),
    ("a mark that only begins like ours", candidate(mark: "me2/d1"), .foreign), ("no mark", candidate(mark: ""), .foreign),
    ("listed", candidate(record: record()), .reap), ("listed elsewhere", candidate(record: record(apps: ["x"])), .foreign),
    ("held", candidate(mark: "me/d1", record: record(), heldBy: "run d1"), .alive(by: "run d1", isOld: false)),
    ("held for long", candidate(mark: "me/d1", record: record(age: 6001), heldBy: "run d1"), .alive(by: "run d1", isOld: true)),
    ("held, age unknown", candidate(mark: "me/d1", heldBy: "x"), .alive(by: "x", isOld: false)),
    ("kept", candidate(mark: "me/d1", record: record(keepFor: 5)), .kept(until: now.addingTimeInterval(5))),
    ("kept no longer", candidate(mark: "me/d1", record: record(keepFor: -5)), .reap),
    ("kept and held", candidate(mark: "me/d1", record: record(keepFor: 5), heldBy: "x"), .alive(by: "x", isOld: false)),
    ("young", candidate(mark: "me/d1", record: record(age: 10)), .young),
    ("a record of the future", candidate(mark: "me/d1", record: record(age: -10)), .young),
  ]

  private static func candidate(mark: String? = nil, record: RunRecord? = nil, heldBy: String? = nil) -> Orphans.Candidate {
    Orphans.Candidate(domain: AppDomain(domain), mark: mark, record: record, heldBy: heldBy)
  }

  @Test(arguments: cases)
  func `a name nominates, a proof convicts, a lock acquits`(name: String, candidate: Orphans.Candidate, decision: Orphans.Decision) {
    let rules = Orphans.Rules(instance: "me", now: Self.now, deadline: 3000, youngest: 60)
    #expect(Orphans.judge(candidate, rules) == decision, "\(name)")
  }

  @Test(arguments: [
    ("note-ab12cd.ci.example.org", true), ("n-000000.ci.example.org", true), ("a-b-ab12cd.ci.example.org", true),
    ("warm-notes.ci.example.org", false),
    ("notes-ab12cd.ci.example.org", false), ("-ab12cd.ci.example.org", false), ("note-ab12cg.ci.example.org", false),
    ("note-AB12CD.ci.example.org", false),
    ("note-ab12c.ci.example.org", false), ("x.note-ab12cd.ci.example.org", false), ("note-ab12cd.example.org", false),
    ("note-ab12cd.ci.example.org.evil", false),
    ("ci.example.org", false), ("note-ab12cdci.example.org", false), ("keycloak.ci.example.org", false),
  ])
  func `a run's app has the form of its domain`(domain: String, isOne: Bool) {
    #expect(Orphans.looksLikeOurs(domain, zone: "ci.example.org") == isOne)
  }

  @Test func `every domain that we give looks like ours`() throws {
    for recipe in ["a", "ab", "custom-html", "x_y", "n8n"] {
      let domain = AppDomain.run(of: try RecipeName(recipe), pr: 1, what: "latest", zone: "ci.example.org")
      #expect(Orphans.looksLikeOurs(domain.text, zone: "ci.example.org"), "\(domain)")
    }
  }
}

@Suite struct OrphanSweepTests {
  /// A host with an engine that knows nothing, whose sleeps (the reaper's) do something.
  private static func sweep(_ folder: TemporaryFolder, whileReaping: @escaping @Sendable () throws -> Void = {}) throws -> OrphanSweep {
    let host = Host(
      run: { _ throws(Failure) in throw Failure(.bug, "no program here") },
      send: { request throws(HTTPError) in HTTPResponse(status: 200, body: Array((request.url.contains("/volumes") ? "{}" : "[]").utf8)) },
      now: { OrphansTests.now },
      sleep: { _ throws(Failure) in
        do { try whileReaping() } catch { throw Failure(.bug, "\(error)") }
      })
    for name in ["servers", "runs", "locks"] { try Files.createDirectory(folder(name)) }
    return OrphanSweep(
      host: host, engine: Engine(host: host, socket: "/x"), zone: "ci.example.org", locks: folder("locks"), runs: folder("runs"),
      servers: folder("servers"), rules: Orphans.Rules(instance: "me", now: OrphansTests.now, deadline: 3000))
  }

  /// An app's `.env` with the mark of a run, and that run's record.
  private static func app(_ folder: TemporaryFolder, _ name: String, run id: String, _ change: (inout RunRecord) -> Void = { _ in }) throws
  {
    try Files.write(Array("CCCI_OWNER=me/\(id)\n".utf8), to: folder("servers/\(name).ci.example.org.env"))
    var record = Records.record(id)
    record.apps = ["\(name).ci.example.org"]
    change(&record)
    _ = try RunDirectory(runs: folder("runs"), id: id).create()
    try RunDirectory(runs: folder("runs"), id: id).write(record)
  }

  @Test func `a host that abra does not know is said to be one`() async throws {
    let folder = try TemporaryFolder()
    let sweep = try Self.sweep(folder)
    try Files.removeTree(folder("servers"))
    let failure = await #expect(throws: Failure.self) { try await sweep.pass(isDry: true) }
    #expect(failure?.code == .config && failure?.next.contains("abra server add --local") == true)
  }

  @Test func `a dry run makes no id for the installation`() throws {
    let folder = try TemporaryFolder()
    var settings = Settings()
    settings.host.shelf = folder("shelf")
    let host = try Self.sweep(folder).host
    #expect(try OrphanSweep(settings, host: host, isDry: true).rules.instance.count == 12)
    #expect(try Files.status(folder("shelf")) == nil)
    let made = try OrphanSweep(settings, host: host).rules.instance
    #expect(try OrphanSweep(settings, host: host, isDry: true).rules.instance == made)
  }

  @Test func `an app that was kept while others were removed stays`() async throws {
    let folder = try TemporaryFolder()
    var sweep = try Self.sweep(folder) {
      try Self.app(folder, "b-000000", run: "d2") {
        $0.finished = OrphansTests.now
        $0.keepUntil = OrphansTests.now.addingTimeInterval(3600)
      }
    }
    sweep.width = 1
    try Self.app(folder, "a-000000", run: "d1")
    try Self.app(folder, "b-000000", run: "d2")
    let findings = try await sweep.pass(isDry: false)
    #expect(findings.map(\.decision) == ["reaped", "kept"] && findings.map(\.run) == ["d1", "d2"])
    #expect(try Files.list(folder("servers")) == ["b-000000.ci.example.org.env"])
    let results = try #require(try RunDirectory(runs: folder("runs"), id: "d1").readResults())
    #expect(results.verdict == .unjudged && results.exitCode == 137 && results.reason.contains("removed by the janitor"))
    let closed = try #require(try RunDirectory(runs: folder("runs"), id: "d1").readRecord())
    #expect(closed.apps == [] && closed.finished == OrphansTests.now && closed.phase.contains("reaped by the janitor"))
  }

  @Test func `a run with several apps is closed with the last of them, whoever removes which`() async throws {
    let folder = try TemporaryFolder()
    let sweep = try Self.sweep(folder)
    try Self.app(folder, "a-000000", run: "d1") { $0.apps.append("b-000000.ci.example.org") }
    try Files.write(Array("CCCI_OWNER=me/d1\n".utf8), to: folder("servers/b-000000.ci.example.org.env"))
    let directory = RunDirectory(runs: folder("runs"), id: "d1")
    let held = try FileLock.attempt(folder("locks/app-b-000000.ci.example.org"), holder: "another janitor")
    #expect(try await sweep.pass(isDry: false).map(\.decision) == ["reaped", "alive"])
    var record = try #require(try directory.readRecord())
    #expect(record.apps == ["b-000000.ci.example.org"] && record.finished == nil)
    #expect(try directory.readResults() == nil, "its other app may be alive")
    withExtendedLifetime(held) {}
    let reaper = Reaper(host: sweep.host, engine: sweep.engine, servers: sweep.servers)
    try await reaper.close(
      directory, reaped: [AppDomain("b-000000.ci.example.org")], report: Teardown.Report(), status: 137, by: "guard")
    record = try #require(try directory.readRecord())
    #expect(record.apps == [] && record.finished != nil && record.phase.contains("reaped by the guard"))
    #expect(try directory.readResults()?.exitCode == 137)
  }

  @Test func `one app that cannot be settled keeps no other from it`() async throws {
    let folder = try TemporaryFolder()
    let sweep = try Self.sweep(folder)
    try Self.app(folder, "a-000000", run: "d1")
    try Self.app(folder, "b-000000", run: "d2")
    try Files.write([1], to: RunDirectory(runs: folder("runs"), id: "d1").record)
    let findings = try await sweep.pass(isDry: false)
    #expect(
      findings.map(\.decision) == ["left behind", "reaped"] && findings[0].because.contains("run.json") && !findings[0].leftovers.isEmpty)
  }

  @Test func `a dry run says the same and touches nothing`() async throws {
    let folder = try TemporaryFolder()
    let sweep = try Self.sweep(folder)
    try Self.app(folder, "a-000000", run: "d1")
    try Files.write(Array("DOMAIN=x\n".utf8), to: folder("servers/blog-decade.ci.example.org.env"))
    try Files.write(Array("DOMAIN=x\n".utf8), to: folder("servers/notes.ci.example.org.env"))
    let held = try #require(try FileLock.attempt(folder("locks/app-c-000000.ci.example.org"), holder: "run d3"))
    try Self.app(folder, "c-000000", run: "d3")
    let before = try Files.list(folder("servers"))
    let findings = try await sweep.pass(isDry: true)
    #expect(findings.map { "\($0.decision) \($0.name.prefix(8))" } == ["would reap a-000000", "not ours blog-dec", "alive c-000000"])
    #expect(findings[2].because == "held by run d3; older than twice the deadline" && findings[2].run == "d3")
    #expect(try Files.list(folder("servers")) == before && RunDirectory(runs: folder("runs"), id: "d1").readResults() == nil)
    withExtendedLifetime(held) {}
  }
}

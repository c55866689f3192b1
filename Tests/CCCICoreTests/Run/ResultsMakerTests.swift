import Testing

@testable import CCCICore

@Suite struct ResultsMakerTests {
  /// What becomes of a stage whose tiers all passed, after a change.
  private static func results(
    _ test: TestStage, stop: Failure? = nil, report: Teardown.Report = Teardown.Report(),
    _ change: @Sendable (inout Ledger.Entries) -> Void = { _ in }
  ) -> Results {
    test.stage.ledger.note { entries in
      entries.deploys = 1
      entries.tiers = test.stage.plan.tiers.map { planned in planned.skipped.map { TierResult(planned.tier, $0) } ?? .passed(planned.tier) }
      entries.proved = ["restore": .files]
      entries.lint = Results.Lint(outcome: .pass)
      change(&entries)
    }
    return ResultsMaker(stage: test.stage, own: .milliseconds(1500)).make(stop: stop, report: report)
  }

  @Test func `a run in which everything passed is green, with all that it found out`() throws {
    let test = try TestStage(try Plans.plan(try Plans.request()) { $0.expectedNA = [.upgrade: "moved"] })
    let results = Self.results(test) { entries in
      entries.warnings = ["careful"]
      entries.timings = ["deploy": 3]
      entries.base = .skip(reason: .declared, because: "moved")
    }
    #expect(results.verdict == .green && results.exitCode == 0 && results.level == 5 && results.failure == nil)
    #expect(results.tiers.map(\.tier) == Tier.allCases && results.skips.declared == ["upgrade": "moved"])
    #expect(results.skips.structural == ["custom": "no custom tests"] && results.base.kind == "skip" && results.base.because == "moved")
    #expect(results.timings == ["deploy": 3, "own": 1.5] && results.warnings == ["careful"] && results.flags.cleanTeardown)
    #expect(results.runID == "t1" && results.recipe == "notes" && results.host == "ci.example.org" && results.finished == TestStage.dawn)
  }

  static let stops: [(String, Failure?, Bool, Int32, Verdict)] = [
    ("no stop", nil, false, 0, .green), ("no stop, red", nil, true, 1, .red),
    ("signal", Failure(.stopped(signal: 15), "stopped by signal 15"), false, 143, .unjudged),
    ("signal, red before", Failure(.stopped(signal: 2), "stopped by signal 2"), true, 130, .red),
    ("deadline", Failure(.timedOut, "the run's own deadline passed"), false, 124, .unjudged),
    ("deadline, red before", Failure(.timedOut, "the run's own deadline passed"), true, 124, .red),
    ("infrastructure", Failure(.unavailable, "docker is gone"), false, 69, .unjudged),
    ("infrastructure, red before", Failure(.unavailable, "docker is gone"), true, 1, .red),
    ("a defect", Failure(.bug, "HEAD moved"), false, 70, .unjudged),
  ]

  @Test(arguments: stops)
  func `exit code and verdict come from one value, whatever ended the run`(
    name: String, stop: Failure?, isRed: Bool, status: Int32, verdict: Verdict
  ) throws {
    let results = Self.results(try TestStage(), stop: stop) { entries in
      if stop != nil { entries.tiers.removeLast(3) }
      if isRed { entries.tiers[0] = TierResult(.install, .fail(.routing, "answers 500")) }
    }
    #expect(results.verdict == verdict && results.exitCode == status, "\(name)")
    #expect(results.tiers.count == 5 && ExitCode.of(results.exitCode).status == status)
    guard let stop else { return }
    #expect(results.tiers.suffix(3).allSatisfy { $0.outcome == .error && $0.reason == .aborted })
    #expect(results.failure?.because == (isRed ? "answers 500" : stop.sentence) && (isRed || results.reason == stop.sentence))
  }

  @Test func `a planned tier that left no outcome is a defect of ours, never a pass`() throws {
    let results = Self.results(try TestStage()) { $0.tiers.removeAll { $0.tier == .backup } }
    #expect(
      results.verdict == .unjudged && results.tiers[2].reason == .harness && results.exitCode == 2 && results.failure?.tier == "backup")
  }

  @Test func `what teardown left, a deploy too many and a leak are no green`() throws {
    let left = Self.results(try TestStage(), report: Teardown.Report(leftovers: ["volume x"], complaints: ["abra: y"]))
    #expect(
      left.verdict == .unjudged && left.flags.leftovers == ["volume x"] && !left.flags.cleanTeardown && left.reason.contains("volume x"))
    #expect(Self.results(try TestStage()) { $0.deploys = 2 }.verdict == .unjudged)
    let test = try TestStage()
    test.stage.console.mask.add("s3cretpassword")
    try Files.write(Array("x s3cretpassword".utf8), to: "\(test.stage.directory.logs)/001.log")
    let leaked = Self.results(test)
    #expect(leaked.verdict == .unjudged && !leaked.flags.noSecretLeak && leaked.exitCode == 2)
  }

  @Test(arguments: [
    ("test_page", "test_a.py", "test_a.py: test_page"), ("test_run", "functional/test_run", "functional/test_run"),
    ("test_a.py", "test_a.py", "test_a.py"), ("install serving", nil, "install serving"),
  ])
  func `a failure says in which file its test stands`(name: String, file: String?, words: String) throws {
    let results = Self.results(try TestStage()) { entries in
      let test = TestResult(name: name, origin: .overlay, file: file, outcome: .fail, because: "no")
      entries.tiers[2] = .judged(.backup, tests: [test], seconds: 1)
    }
    #expect(results.failure?.test == words)
  }

  @Test func `the first failure is the worst one, with the lines that show it`() throws {
    let results = Self.results(try TestStage()) { entries in
      entries.tiers[1] = TierResult(.upgrade, .error(.infra, "no address"))
      entries.tiers[2] = .judged(.backup, tests: [.named("one"), .named("two", .fail)], seconds: 1)
      entries.logTail = ["line"]
    }
    #expect(results.failure == Results.FirstFailure(tier: "backup", test: "two", because: "two says so", logTail: ["line"]))
    #expect(results.reason == "backup: two says so" && results.level == 1)
  }

  @Test(arguments: [
    ("logs/a.log", true), ("op-state.json", true), ("work/report.jsonl", false), ("tests/notes/x.py", false), ("logs/deep/er/b.log", true),
  ])
  func `artifacts are scanned for secrets, our own copies of code are not`(path: String, isSeen: Bool) throws {
    let test = try TestStage()
    let directory = test.stage.directory
    test.stage.console.mask.add("s3cretpassword")
    #expect(!Artifacts(stage: test.stage).reveal())
    try Files.createDirectory("\(directory.path)/\(path.split(separator: "/").dropLast().joined(separator: "/"))")
    try Files.write(Array("s3cretpassword".utf8), to: "\(directory.path)/\(path)")
    #expect(Artifacts(stage: test.stage).reveal() == isSeen)
    try Files.removeTree(directory.path)
    #expect(Artifacts(stage: test.stage).reveal(), "what cannot be read is no proof")
  }

  @Test func `what is stored is masked, also where it is escaped`() throws {
    let test = try TestStage()
    test.stage.console.mask.add("s3\"cret<pass>\\word")
    let results = Self.results(test) { entries in
      entries.warnings = ["with s3\"cret<pass>\\word"]
      entries.tiers[4] = .judged(
        .custom, tests: [TestResult(name: "x", origin: .overlay, outcome: .fail, because: "s3\"cret<pass>\\word")], seconds: 1)
    }
    try ResultsWriter(stage: test.stage).write(results)
    let stored = try #require(try test.stage.directory.readResults())
    #expect(stored.warnings == ["with •••"] && stored.tiers[4].tests[0].because == "•••" && stored.verdict == .red)
    #expect(try Files.list(test.stage.directory.junit) == ["backup.xml", "custom.xml", "install.xml", "restore.xml", "upgrade.xml"])
    let xml = String(decoding: try Files.read("\(test.stage.directory.junit)/custom.xml"), as: UTF8.self)
    #expect(xml.contains("<failure message=\"•••\"/>"))
  }
}

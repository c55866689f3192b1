import CCCICore
import FoundationEssentials

/// Results and records as full and as empty as they can be.
enum Records {
  static let start = Date(timeIntervalSince1970: 1_800_000_000)
  static let sha = String(repeating: "0a", count: 20)

  /// Every optional part is there, every reason and outcome somewhere.
  static var full: Results {
    let tests = zip([TestResult.Origin.generic, .overlay, .repoLocal], [Outcome.pass, .fail, .skip]).map { origin, outcome in
      TestResult(
        name: "a \"test\" <&> é\u{1F600}", origin: origin, file: "functional/test_a.py", outcome: outcome, reason: .assertion,
        because: "so", seconds: 0.25)
    }
    let reasons = Reason.allCases.enumerated().map { index, reason in
      TierResult(
        tier: Tier.allCases[index % 5], outcome: Outcome.allCases[index % 4], reason: reason, because: "because", seconds: 1.5, tests: tests
      )
    }
    return Results(
      runID: "d17-3", recipe: "notes", version: "1.0.0+1", ref: sha, pr: 7, src: "https://git.example.org/o/notes.git", mode: .cold,
      trigger: "git.example.org/o/notes#7@12", started: start, finished: start.addingTimeInterval(90), abraVersion: "0.13.0-beta",
      host: "ci.example.org", verdict: .red, reason: "upgrade: so", exitCode: 1, level: 1,
      rungs: Level.rungs(tiers: reasons, proved: .data, lint: .fail),
      base: Results.Base(kind: "version", value: "0.9.0+1", because: "newest release before 1.0.0+1", version: "0.9.0+1"),
      deploys: Results.Deploys(count: 2, expected: 2), tiers: reasons,
      lint: Results.Lint(outcome: .fail, rulesFailed: ["R014"], because: "R014 only annotated tags"),
      skips: Results.Skips(declared: ["backup": "none"], structural: ["custom": "no tests"], optOuts: ["upgrade": "CCCI_SKIP_GENERIC"]),
      flags: Results.Flags(cleanTeardown: false, leftovers: ["volume x"], noSecretLeak: true, keptUntil: start.addingTimeInterval(3600)),
      proved: ["upgrade": .files, "restore": .data], orphansRemoved: ["sidekiq"], warnings: ["careful"],
      timings: ["deploy": 3.25, "own": 0.125, "teardown": 0],
      manifest: Manifest(settings: ["health_path": "/x"], hooks: ["ops.py"], overlays: ["overlay": ["custom": ["test_a.py"]]]),
      failure: Results.FirstFailure(tier: "upgrade", test: "upgrade finished", because: "so", logTail: ["a line", ""]))
  }

  static var bare: Results {
    Results(
      runID: "m-1", recipe: "notes", version: nil, ref: nil, pr: nil, src: "https://a/b", mode: .cold, trigger: nil, started: start,
      finished: start,
      abraVersion: "", host: "ci.example.org", verdict: .unjudged, reason: "", exitCode: 143, level: 0,
      rungs: Level.rungs(tiers: [], proved: nil, lint: nil),
      base: Results.Base(kind: "skip", value: nil, because: "not reached", version: nil),
      deploys: Results.Deploys(count: 0, expected: 1), tiers: [], lint: Results.Lint(outcome: .error),
      skips: Results.Skips(declared: [:], structural: [:], optOuts: [:]),
      flags: Results.Flags(cleanTeardown: true, leftovers: [], noSecretLeak: true), proved: [:], orphansRemoved: [], warnings: [],
      timings: [:],
      manifest: Manifest(settings: [:], hooks: [], overlays: [:]), failure: nil)
  }

  static func record(_ id: String, started: Date = start, full: Bool = false) -> RunRecord {
    var record = RunRecord(
      runID: id, recipe: "notes", ref: full ? sha : nil, pr: full ? 7 : nil, mode: full ? .quick : .cold, pid: 4711,
      bootID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", cookie: String(repeating: "0f", count: 16), owner: "a1b2c3d4e5f6/\(id)",
      phase: "upgrade",
      started: started, deadline: started.addingTimeInterval(3120), locks: full ? ["slot", "app-x"] : [], testsCommit: full ? sha : "",
      trigger: full ? "git.example.org/o/notes#7@12" : nil, src: "https://a/b", tiers: full ? Tier.allCases : [], abraVersion: "0.13.0",
      host: "ci.example.org")
    guard full else { return record }
    record.finished = started.addingTimeInterval(60)
    record.keepUntil = started.addingTimeInterval(86_400)
    record.apps = ["note-ab12cd.ci.example.org"]
    record.snapshots = ["4bba301e"]
    return record
  }
}

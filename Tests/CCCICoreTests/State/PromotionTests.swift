import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct PromotionTests {
  private static let commit = CommitID(String(repeating: "a", count: 40))!
  private static let other = CommitID(String(repeating: "b", count: 40))!
  private static let newest = UpgradeBase.Release(version: RecipeVersion("1.2.0+3.0.0")!, commit: commit)

  private static var facts: Promotion.Facts {
    Promotion.Facts(isWarmed: true, ref: nil, newest: newest, knownGood: RecipeVersion("1.1.0+2.0.0"))
  }

  private static func results(_ change: (inout Results) -> Void = { _ in }) -> Results {
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    var results = Results(
      runID: "m-1", recipe: "notes", version: "1.2.0+3.0.0", ref: commit.text, pr: nil, src: "https://x", mode: .cold, trigger: nil,
      started: now, finished: now, abraVersion: "0.13", host: "ci.example.org", verdict: .green, reason: "", exitCode: 0, level: 5,
      rungs: [:],
      base: Results.Base(kind: "skip", value: nil, because: "", version: nil), deploys: Results.Deploys(count: 1, expected: 1), tiers: [],
      lint: Results.Lint(outcome: .pass), skips: Results.Skips(declared: [:], structural: [:], optOuts: [:]),
      flags: Results.Flags(cleanTeardown: true, leftovers: [], noSecretLeak: true), proved: [:], orphansRemoved: [], warnings: [],
      timings: [:],
      manifest: Manifest(settings: [:], hooks: [], overlays: [:]), failure: nil)
    change(&results)
    return results
  }

  @Test func `a green cold run of the newest release is allowed, again too`() {
    #expect(Promotion.allowed(Self.results(), Self.facts) == .allowed(Self.newest))
    var facts = Self.facts
    facts.knownGood = Self.newest.version
    #expect(Promotion.allowed(Self.results(), facts) == .allowed(Self.newest))
    facts.knownGood = nil
    #expect(Promotion.allowed(Self.results(), facts) == .allowed(Self.newest))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var words: String
    var results: @Sendable (inout Results) -> Void = { _ in }
    var facts: @Sendable (inout Promotion.Facts) -> Void = { _ in }
    var testDescription: String { words }
  }

  static let cases: [Case] = [
    Case(words: "is not warmed", facts: { $0.isWarmed = false }),
    Case(words: "requires redis, which each run brings up anew", facts: { $0.requires = ["redis"] }),
    Case(words: "a quick run moves nothing", results: { $0.mode = .quick }), Case(words: "the run was red", results: { $0.verdict = .red }),
    Case(words: "the run was partial", results: { $0.verdict = .partial }),
    Case(words: "the run was unjudged", results: { $0.verdict = .unjudged }),
    Case(words: "the run was quick-green", results: { $0.verdict = .quickGreen }),
    Case(words: "tested a commit that was named", facts: { $0.ref = commit.text }),
    Case(words: "tested a commit that was named", results: { $0.pr = 3 }),
    Case(words: "names no version", results: { $0.version = nil }), Case(words: "names no version", results: { $0.version = "latest" }),
    Case(words: "no published version any more", facts: { $0.newest = nil }),
    Case(
      words: "1.2.0+3.0.0 is not the newest published version: that is 1.3.0+3.0.0",
      facts: {
        $0.newest = UpgradeBase.Release(version: RecipeVersion("1.3.0+3.0.0")!, commit: commit)
      }),
    Case(words: "the tag 1.2.0+3.0.0 has moved since", facts: { $0.newest = UpgradeBase.Release(version: newest.version, commit: other) }),
    Case(words: "is older than the known-good 2.0.0+1", facts: { $0.knownGood = RecipeVersion("2.0.0+1") }),
  ]

  @Test(arguments: cases)
  func `anything else is refused, in one line`(example: Case) {
    var results = Self.results()
    var facts = Self.facts
    example.results(&results)
    example.facts(&facts)
    guard case .refused(let why) = Promotion.allowed(results, facts) else {
      Issue.record("allowed")
      return
    }
    #expect(why.contains(example.words) && !why.contains("\n"), "\(why)")
  }

  @Test func `canonical.json tells the version that the snapshot tells, and no other`() throws {
    let folder = try TemporaryFolder()
    let shelf = ShelfFolder(shelf: folder.path, name: "notes")
    let now = Date(timeIntervalSince1970: 1_800_000_000)
    #expect(try shelf.readCanonical() == nil)
    try shelf.mark(.dirty, run: "x", at: now)
    #expect(try shelf.readCanonical() == nil, "nothing is made of nothing")
    try shelf.write(Canonical(recipe: "notes", domain: "warm-notes.x", version: "9.9.9+9", commit: "c", status: .promoting, ts: now))
    #expect(try shelf.readCanonical()?.version == nil)
    let meta = SnapshotMeta(
      id: "1", recipe: "notes", domain: "warm-notes.x", version: "1.0.0+1", commit: Self.commit.text, taken: now, env: "", secrets: [],
      volumes: [])
    try Files.createDirectory(shelf.snapshot)
    try Files.write(JSONCoding.encode(meta), to: shelf.meta)
    try shelf.mark(.idle, run: "y", at: now)
    let canonical = try #require(try shelf.readCanonical())
    #expect(canonical.version == "1.0.0+1" && canonical.commit == Self.commit.text && canonical.status == .idle && canonical.run == "y")
  }
}

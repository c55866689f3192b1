import CCCICore
import FoundationEssentials
import Testing

/// A recipe with exactly one defect, what it must get, and the assertion that must catch it.
struct BadRecipe: Sendable, CustomTestStringConvertible {
  var recipe: String
  var pr: Int?
  var tier: Tier
  var outcome: Outcome
  var reason: Reason
  /// Words that the reason must hold.
  var says: String
  var assertion: GenericAssertion
  var testDescription: String { recipe }

  static let all = [
    BadRecipe(
      recipe: "crash-loop", pr: nil, tier: .install, outcome: .fail, reason: .crashLoop, says: "crash loop: app failed",
      assertion: .installConverged),
    BadRecipe(
      recipe: "wrong-http", pr: nil, tier: .install, outcome: .fail, reason: .routing, says: "answers 500 instead of",
      assertion: .installServing),
    BadRecipe(
      recipe: "wiped-volume", pr: 1, tier: .upgrade, outcome: .fail, reason: .dataLost, says: "canary lost: volume data",
      assertion: .upgradeData),
    BadRecipe(
      recipe: "noop-restore", pr: 1, tier: .restore, outcome: .fail, reason: .noOp, says: "no-op: data", assertion: .restoreData),
  ]

  func arguments() async throws -> [String] {
    guard let pr else { return [recipe, "--tests", World.overlays] }
    return try await World.pullRequest(recipe, pr)
  }

  /// Whether a result is exactly what this defect must get.
  func matches(_ results: Results) -> Bool {
    guard let result = results.tiers.first(where: { $0.tier == tier }) else { return false }
    return results.verdict == .red && results.exitCode == 1 && result.outcome == outcome && result.reason == reason
      && result.because?.contains(says) == true && results.failure?.tier == tier.rawValue
      && results.failure?.test == assertion.rawValue
  }
}

@Suite("Bad recipes", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct BadRecipeTests {
  @Test("each defect gets its own outcome, tier and reason, and leaves nothing", arguments: BadRecipe.all)
  func defect(_ bad: BadRecipe) async throws {
    let id = World.unique(bad.recipe)
    let start = ContinuousClock.now
    let run = try await World.run(try await bad.arguments() + ["--run-id", id])
    let seconds = (ContinuousClock.now - start).seconds
    #expect(run.status == 1, "\(run)")
    let results = try World.results(id)
    #expect(bad.matches(results), "\(run)")
    #expect(try await World.traces(of: World.domain(bad.arguments())).isEmpty)
    guard bad.recipe == "crash-loop" else { return }
    let own = results.finished.timeIntervalSince(results.started)
    #expect(own < 120, "from the record to the verdict: \(own) s of \(seconds) s")
    #expect(results.failure?.because.contains("exit code 3") == true)
    #expect(results.failure?.logTail.contains { $0.contains("FATAL: cannot open /data/config") } == true)
  }

  @Test("without its assertion, no defect is caught as itself", arguments: BadRecipe.all)
  func mutation(_ bad: BadRecipe) async throws {
    let id = World.unique("without-\(bad.recipe)")
    let tests = try quick(id)
    defer { _ = try? Files.removeTree(tests) }
    let run = try await World.run(
      try await bad.arguments() + ["--run-id", id, "--tests", tests], with: ["CCCI_MUTATE": bad.assertion.rawValue])
    #expect(!bad.matches(try World.results(id)), "\(run)")
  }

  /// The overlays of the bad recipes, with a crash loop that is called one sooner.
  private func quick(_ id: String) throws -> String {
    let folder = "\(World.folder)/\(id)-tests"
    try Files.copyTree(World.overlays, to: folder)
    let settings = "http_timeout = \"5s\"\n[crash_loop]\nfailures = 2\nafter = \"5s\"\n"
    try Files.write(Array(settings.utf8), to: "\(folder)/crash-loop/recipe.toml")
    return folder
  }
}

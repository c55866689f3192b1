import CCCICore
import FoundationEssentials
import Testing

@Suite("Good recipes", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct GoodRecipeTests {
  @Test("custom-html's newest release walks all tiers, and its dropped service is removed and said")
  func customHTML() async throws {
    let id = World.unique("custom-html")
    await World.newest.take()
    defer { World.newest.leave() }
    let run = try await World.run(["custom-html", "--run-id", id])
    try #require(run.status == 0, "\(run)")
    let results = try World.results(id)
    #expect(results.verdict == .green)
    #expect(results.exitCode == 0)
    #expect(results.tiers.map(\.tier) == Tier.allCases)
    #expect(results.tiers.allSatisfy { $0.outcome == .pass })
    #expect(results.level == 5)
    #expect(results.orphansRemoved == ["stats"])
    #expect(results.base.kind == "version" && results.base.version == "1.1.0+1.27.1")
    #expect(results.proved == ["upgrade": .files, "restore": .files])
    #expect(results.deploys == Results.Deploys(count: 1, expected: 1))
    #expect(results.flags.cleanTeardown && results.flags.leftovers.isEmpty && results.flags.noSecretLeak)
    #expect(Set(results.tiers[4].tests.map(\.file)) == ["functional/test_page.py", "functional/test_missing_page"])
    #expect(run.output.contains("GREEN") && run.output.contains("converge") && run.output.contains("█"))
    #expect(try await World.traces(of: World.domain(["custom-html"])).isEmpty)
    for tier in Tier.allCases {
      let xml = String(decoding: try Files.read("\(World.folder)/runs/\(id)/junit/\(tier.rawValue).xml"), as: UTF8.self)
      #expect(xml.contains("failures=\"0\"") && xml.contains("errors=\"0\""))
    }
  }

  @Test("notes at a pull request's commit is green, and abra is called as its reference asks")
  func notes() async throws {
    let id = World.unique("notes")
    let target = [
      "notes", "--ref", try await World.head("notes", pr: 1), "--pr", "1", "--src", "https://git.ci.localhost:8443/mirror/notes.git",
    ]
    let run = try await World.run(target + ["--run-id", id, "--json"])
    try #require(run.status == 0, "\(run)")
    let results = try World.results(id)
    #expect(results.verdict == .green && results.pr == 1)
    #expect(results.ref == target[2])
    #expect(results.proved["restore"] == .data)
    #expect(results.base.version == "1.0.0+1.2.0")
    #expect(run.output == String(decoding: try Files.read("\(World.folder)/runs/\(id)/results.json"), as: UTF8.self) + "\n")

    let calls = try World.calls(of: id)
    let verbs = calls.map { $0.filter { !$0.hasPrefix("-") }.prefix(2).joined(separator: " ") }
    #expect(verbs.filter { $0 == "app new" }.count == 1)
    let deploys = calls.filter { $0.contains("deploy") }
    try #require(deploys.count == 2)
    #expect(deploys[0].contains("1.0.0+1.2.0") && !deploys[0].contains("-C"))
    #expect(deploys[1].contains("-C") && deploys[1].contains("-o"))
    let restore = try #require(calls.first { $0.contains("restore") })
    let record = try #require(try RunDirectory(runs: "\(World.folder)/runs", id: id).readRecord())
    #expect(record.snapshots.count == 1)
    #expect(restore.contains(record.snapshots[0]))
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  @Test("a run of a few tiers is partial, exit 0, and says so")
  func partial() async throws {
    let id = World.unique("partial")
    let run = try await World.run(["custom-html", "--version", "1.0.0+1.27.0", "--tiers", "install", "--run-id", id])
    try #require(run.status == 0, "\(run)")
    let results = try World.results(id)
    #expect(results.verdict == .partial)
    #expect(results.tiers.map(\.tier) == [.install])
    #expect(run.output.contains("PARTIAL"))
    #expect(results.version == "1.0.0+1.27.0")
  }

  @Test("an app that is kept stays until the next run of the same commit, which removes it first")
  func kept() async throws {
    let target = ["custom-html", "--version", "1.1.0+1.27.1", "--tiers", "install"]
    let id = World.unique("kept")
    let run = try await World.run(target + ["--keep", "--run-id", id])
    try #require(run.status == 0, "\(run)")
    let domain = try await World.domain(target)
    #expect(try await World.traces(of: domain).contains("service \(AppDomain(domain).stack)_app"))
    #expect(try World.results(id).flags.keptUntil != nil)
    let again = try await World.run(target + ["--run-id", "\(id)-again"])
    try #require(again.status == 0, "\(again)")
    #expect(try World.results("\(id)-again").warnings.contains { $0.contains("earlier run left") })
    #expect(try await World.traces(of: domain).isEmpty)
  }

  @Test("list and show find the run that has just been made")
  func listAndShow() async throws {
    let id = World.unique("show")
    let run = try await World.run(["wrong-http", "--tests", World.overlays, "--tiers", "install", "--run-id", id])
    #expect(run.status == 1)
    let list = try await World.run(["list", "-n", "1000"])
    #expect(list.output.split(separator: "\n").contains { $0.hasPrefix(id) && $0.contains("red") })
    let show = try await World.run(["show", id])
    #expect(show.status == 0 && show.output.contains("RED"))
    let json = try await World.run(["show", id, "--json"])
    #expect(json.output.contains("\"run_id\" : \"\(id)\""))
    let missing = try await World.run(["show", String(id.dropLast()) + "x"])
    #expect(missing.status == 66)
    #expect(missing.message.last?.contains("did you mean \(id)?") == true)
  }

  @Test(
    "an app that restarts until its database listens, and one that migrates for minutes, are no crash loops",
    arguments: ["late-database", "slow-migration"])
  func slow(_ recipe: String) async throws {
    let id = World.unique(recipe)
    let run = try await World.run([recipe, "--tests", World.overlays, "--tiers", "install", "--run-id", id])
    #expect(run.status == 0, "\(run)")
    let results = try World.results(id)
    #expect(results.verdict == .partial && results.tiers.first?.outcome == .pass)
    let seconds = results.finished.timeIntervalSince(results.started)
    #expect(seconds > 150 && seconds < 260, "waited too long or not at all: \(seconds) s")
  }
}

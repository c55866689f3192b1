import CCCICore
import Testing

@Suite("Compose policy", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct PolicyTests {
  private static let socket = "/var/run/docker.sock:/var/run/docker.sock:ro"

  @Test("a pull request that mounts the docker socket is refused by name, before anything is created")
  func refused() async throws {
    let id = World.unique("policy")
    let target = try await World.pullRequest("evil-socket", 1)
    let run = try await World.run(target + ["--run-id", id])
    #expect(run.status == 2, "\(run)")
    try #require(run.message.count == 2, "\(run)")
    #expect(run.message[0].contains("app: volumes = \"\(Self.socket)\": the docker socket is root on this host"), "\(run)")
    #expect(run.message[1].hasPrefix("hint: ") && run.message[1].contains("tests/evil-socket/recipe.toml"), "\(run)")
    let results = try World.results(id)
    #expect(results.verdict == .unjudged && results.exitCode == 2 && results.level == 0 && results.ref == target[2])
    #expect(results.tiers.map(\.tier) == Tier.allCases)
    #expect(results.tiers.allSatisfy { $0.outcome == .error && $0.reason == .policy && $0.because?.contains("app: volumes") == true })
    #expect(results.failure?.tier == "install" && results.failure?.because.contains("docker socket") == true)
    let entry = ["[[allow]]", "service = \"app\"", "key = \"volumes\"", "value = \"\(Self.socket)\"", "reason = \"\""]
    #expect(results.failure?.logTail.dropFirst().map { String($0.dropFirst(2)) } == entry)
    for line in entry { #expect(run.error.contains(line)) }
    #expect(!(try World.calls(of: id)).contains { $0.contains("new") || $0.contains("deploy") })
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  @Test("with the entry that was printed, and a reason, the same pull request is installed, and the results say why")
  func allowed() async throws {
    let id = World.unique("allowed")
    let tests = "\(World.folder)/\(id)-tests"
    try Files.createDirectory("\(tests)/evil-socket")
    defer { _ = try? Files.removeTree(tests) }
    let entry = "[[allow]]\nservice = \"app\"\nkey = \"volumes\"\nvalue = \"\(Self.socket)\"\nreason = \"a test of the policy\"\n"
    try Files.write(Array(entry.utf8), to: "\(tests)/evil-socket/recipe.toml")
    let target = try await World.pullRequest("evil-socket", 1)
    let run = try await World.run(target + ["--run-id", id, "--tests", tests, "--tiers", "install"])
    #expect(run.status == 0, "\(run)")
    let results = try World.results(id)
    #expect(results.verdict == .partial && results.tiers.map(\.outcome) == [.pass])
    let accepted = "compose policy: app: volumes = \"\(Self.socket)\": accepted: recipe.toml allows it: a test of the policy"
    #expect(results.warnings.contains(accepted), "\(results.warnings)")
    #expect(results.manifest.settings["allow[0]"]?.hasSuffix("a test of the policy") == true)
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }
}

import CCCICore
import Testing

@Suite("Overlays", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(8)))
struct OverlayTests {
  @Test("compose.ccci.yml gives the services environment, base and head alike, and nothing else of the run changes")
  func composeOverlay() async throws {
    let tests = try folder("compose") { folder in
      try write("services:\n  app:\n    environment:\n      CCCI_MODE: \"a test of ${DOMAIN}\"\n", "\(folder)/compose.ccci.yml")
      let script = """
        #!/bin/sh
        stack=$(printf %s "$CCCI_APP_DOMAIN" | tr . _)
        docker service inspect "${stack}_app" --format '{{json .Spec.TaskTemplate.ContainerSpec.Env}}' |
          grep -q "CCCI_MODE=a test of $CCCI_APP_DOMAIN" || { echo "no CCCI_MODE" >&2; exit 1; }
        """
      for tier in ["install", "upgrade"] { try write(script, "\(folder)/test_\(tier)", mode: 0o755) }
    }
    defer { _ = try? Files.removeTree(tests) }
    let place = World.Installation.own("overlay")
    let target = try await World.ownPullRequest("custom-html", tests: tests)
    let id = World.unique("overlay")
    let run = try await World.run(target + ["--run-id", id], with: place.environment)
    #expect(run.status == 0, "\(run)")
    let results = try World.results(id, of: place)
    #expect(results.verdict == .green && results.manifest.hooks == ["compose.ccci.yml"])
    for tier in [Tier.install, .upgrade] {
      let tests = results.tiers.first { $0.tier == tier }?.tests ?? []
      #expect(tests.contains { $0.origin == .overlay && $0.outcome == .pass }, "\(tier): \(tests)")
    }
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  @Test("an overlay for a service that the recipe does not have stops the run before anything is created")
  func unknownService() async throws {
    let tests = try folder("unknown") { try write("services:\n  aap:\n    environment: {A: b}\n", "\($0)/compose.ccci.yml") }
    defer { _ = try? Files.removeTree(tests) }
    let id = World.unique("unknown")
    let place = World.Installation.own("unknown")
    let run = try await World.run(try await World.ownPullRequest("custom-html", tests: tests) + ["--run-id", id], with: place.environment)
    #expect(run.status == 65, "\(run)")
    #expect(run.message.joined(separator: " ").contains("aap: the recipe has no such service"), "\(run)")
    #expect(run.message.joined(separator: " ").contains("did you mean app?"), "\(run)")
    #expect(!(try World.calls(of: id)).contains { $0.contains("new") || $0.contains("deploy") })
  }

  /// A `tests/` folder whose `custom-html/` is what `fill` writes.
  private func folder(_ name: String, _ fill: (String) throws -> Void) throws -> String {
    let tests = "\(World.folder)/\(World.unique(name))-tests"
    try Files.createDirectory("\(tests)/custom-html")
    try Files.copyTree("\(World.root)/tests/ccci_test", to: "\(tests)/ccci_test")
    try Files.write(Files.read("\(World.root)/tests/conftest.py"), to: "\(tests)/conftest.py")
    try fill("\(tests)/custom-html")
    return tests
  }

  private func write(_ text: String, _ path: String, mode: UInt32 = 0o644) throws {
    try Files.write(Array(text.utf8), to: path, mode: mode)
  }
}

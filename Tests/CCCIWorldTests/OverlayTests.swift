import CCCICore
import Testing

@Suite("Overlays", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
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

  @Test("the library for recipe authors does what it says, and what is marked extra waits to be asked for", arguments: [false, true])
  func library(extra: Bool) async throws {
    let tests = try folder("library") { folder in
      let text = """
        import os
        import pytest
        from ccci_test import abra_tty, assert_converges, exec_in_app, http_get, services, wait_for_http

        def test_services(app):
            assert_converges(app.domain, limit=30)
            assert services(app.domain)["app"] == (1, 1)
            with pytest.raises(AssertionError, match="no services after"):
                assert_converges("no-such.ci.localhost", limit=0)

        def test_inside(app):
            status, output = exec_in_app(app.domain, ["nginx", "-v"])
            assert status == 0 and "nginx" in output, output
            with pytest.raises(LookupError):
                exec_in_app(app.domain, ["true"], service="nothing")

        def test_abra():
            status, output = abra_tty("--version")
            assert status == 0 and "0.13" in output, output

        def test_http(app):
            assert wait_for_http(app.url) == 200
            assert http_get(app.url)[0] == 200

        @pytest.mark.extra
        def test_more():
            assert os.environ["CCCI_EXTRA_TESTS"] == "1"
        """
      try write(text, "\(folder)/test_library.py")
    }
    defer { _ = try? Files.removeTree(tests) }
    let place = World.Installation.own("library")
    let target =
      try await World.ownPullRequest("custom-html", tests: tests) + ["--tiers", "install,custom"] + (extra ? ["--extra-tests"] : [])
    let id = World.unique("library")
    let run = try await World.run(target + ["--run-id", id], with: place.environment)
    #expect(run.status == 0, "\(run)")
    let found = try World.results(id, of: place).tiers.flatMap(\.tests).filter { $0.origin == .overlay }
    #expect(found.filter { $0.name != "test_more" }.map(\.outcome) == [.pass, .pass, .pass, .pass], "\(found)")
    let more = try #require(found.first { $0.name == "test_more" })
    #expect(more.outcome == (extra ? .pass : .skip), "\(more)")
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

import CCCICore
import Testing

@Suite("A recipe's own tests", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct RepoLocalTests {
  /// What an author would try, each as a test that passes when it was kept from it.
  private static let escapes = [
    "tests/test_reach_app": """
    #!/bin/sh
    python3 -c 'import os, urllib.request; assert urllib.request.urlopen(os.environ["CCCI_APP_URL"]).status == 200'
    """,
    "tests/test_user":
      "#!/bin/sh\n[ \"$(id -u):$(id -G)\" = 65534:65534 ] && ! grep -qv '^0*$' <<E\n$(grep CapEff /proc/self/status | cut -f2)\nE\n",
    "tests/test_secrets":
      "#!/bin/sh\n! ls /run/secrets 2>/dev/null && [ -z \"$(find /run -mindepth 1 -not -path '/run/mount*')\" ] && [ -z \"$(ls -A /root 2>/dev/null)\" ]\n",
    "tests/test_socket": "#!/bin/sh\n! [ -S /var/run/docker.sock ] && ! [ -S /run/docker.sock ]\n",
    "tests/test_processes":
      "#!/bin/sh\n[ \"$(ls -d /proc/[0-9]* | wc -l)\" -lt 8 ] && ! ls /proc | xargs -I{} cat /proc/{}/cmdline 2>/dev/null | grep -q '[d]ockerd'\n",
    "tests/test_environment": "#!/bin/sh\n! env | grep -E 'COOKIE|DOCKER|ABRA|TOKEN|PASSWORD'\n",
    "tests/test_write": "#!/bin/sh\n! touch /tmp/tests/x 2>/dev/null && ! touch /etc/x 2>/dev/null && touch /tmp/work/x\n",
    "tests/test_mount": "#!/bin/sh\n! mount -t tmpfs tmpfs /mnt 2>/dev/null && ! unshare --mount true 2>/dev/null\n",
    "tests/test_page.py": "def test_page(app, meta):\n    assert app.recipe == 'custom-html' and meta['recipe'] == 'custom-html'\n",
    "tests/test_install.py": "import os\n\ndef test_report_is_a_link():\n    os.symlink('/etc/shadow', '/tmp/work/loot')\n",
  ]

  @Test("not approved: listed, not run, and the run is judged without them")
  func notApproved() async throws {
    let (results, run) = try await test(approved: "notes\n", files: ["tests/test_boom": "#!/bin/sh\nexit 1\n"])
    #expect(run.status == 0, "\(run)")
    #expect(results.manifest.overlays["repo-local, not approved"] == ["custom": ["test_boom"]])
    #expect(!results.tiers.flatMap(\.tests).contains { $0.origin == .repoLocal })
    #expect(run.error.contains("custom-html is not in repo-local-approved.txt: test_boom"), "\(run)")
  }

  @Test("approved: they run, contained: no privileges, no secrets, no socket, no processes and no environment of ours")
  func approved() async throws {
    let (results, run) = try await test(approved: "# by the operators\ncustom-html # since May\n", files: Self.escapes)
    let tests = results.tiers.flatMap(\.tests).filter { $0.origin == .repoLocal }
    #expect(tests.count == Self.escapes.count, "\(run)")
    for test in tests { #expect(test.outcome == .pass, "\(test.name): \(test.because ?? "")") }
    #expect(run.status == 0, "\(run)")
    #expect(results.manifest.overlays["repo-local"]?["custom"]?.contains("test_socket") == true)
  }

  @Test("one that fails, hangs on nothing and leaves a process behind makes the run red, and the process is gone")
  func failing() async throws {
    let mark = "31.\(Int.random(in: 100_000...999_999))"
    let (results, run) = try await test(
      approved: "custom-html\n",
      files: ["tests/test_bad": "#!/bin/sh\nsetsid sleep \(mark) >/dev/null 2>&1 &\necho 'the page is gone' >&2\nexit 1\n"])
    #expect(run.status == 1, "\(run)")
    #expect(results.tiers.flatMap(\.tests).contains { $0.origin == .repoLocal && $0.because == "exit 1: the page is gone" }, "\(run)")
    let left = try Files.list("/proc").compactMap { Int32($0) }.filter { process in
      guard let line = try? Files.read("/proc/\(process)/cmdline") else { return false }
      return String(decoding: line, as: UTF8.self).contains(mark)
    }
    #expect(left.isEmpty)
  }

  @Test("approved hooks are heard through env.out and secrets.out, and in no other way")
  func hooks() async throws {
    let hook = """
      #!/bin/sh
      set -eu
      ! command -v abra >/dev/null || ! abra app ls >/dev/null 2>&1
      [ ! -s "$CCCI_APP_ENV" ]
      echo 'NGINX_GREETING=from the hook' >"$CCCI_ENV_OUT"
      echo 'db_password=0123456789abcdef0123456789abcdef' >"$CCCI_SECRETS_OUT"
      """
    let ops = """
      import os

      def pre_upgrade(domain, meta):
          assert meta["recipe"] == "notes" and domain == os.environ["CCCI_APP_DOMAIN"]
          with open(os.environ["CCCI_ENV_OUT"], "w") as file:
              file.write("NOTES_TITLE=Their notes\\n")
      """
    let (results, run) = try await test(
      approved: "notes\n", recipe: "notes",
      files: ["tests/install_steps.sh": hook, "tests/ops.py": ops, "tests/test_nothing": "#!/bin/sh\n"])
    #expect(run.status == 0, "\(run)")
    #expect(results.verdict == .green && results.flags.noSecretLeak)
    for words in ["repo-local env.out: NGINX_GREETING", "repo-local secrets.out: db_password", "repo-local env.out: NOTES_TITLE"] {
      #expect(run.error.contains(words), "\(words): \(run)")
    }
    #expect(!run.error.contains("0123456789abcdef0123456789abcdef"))
  }

  @Test(
    "a hook that asks for what is not its own ends the install, and nothing of it is done",
    arguments: [
      ("echo 'CCCI_OWNER=me/x' >\"$CCCI_ENV_OUT\"", "env.out line 1: CCCI_OWNER is set by cc-ci"),
      ("echo 'DOMAIN=keycloak.ci.localhost' >\"$CCCI_ENV_OUT\"", "env.out line 1: DOMAIN is set by cc-ci"),
      ("ln -s /etc/passwd \"$CCCI_ENV_OUT\"", "env.out: is no plain file"),
      ("echo 'admin_password=x' >\"$CCCI_SECRETS_OUT\"", "secrets.out: admin_password is no secret of the app"),
    ])
  func refusedHooks(_ line: String, _ words: String) async throws {
    let (results, run) = try await test(
      approved: "custom-html\n", files: ["tests/install_steps.sh": "#!/bin/sh\n\(line)\n"], more: ["--tiers", "install"])
    #expect(run.status == 2, "\(run)")
    let install = try #require(results.tiers.first)
    #expect(install.outcome == .error && install.reason == .harness)
    #expect(install.because?.contains("repo-local install_steps.sh: \(words)") == true, "\(install.because ?? "")")
  }

  private func test(
    approved: String, recipe: String = "custom-html", files: [String: String], more: [String] = []
  ) async throws -> (Results, World.Outcome) {
    let tests = "\(World.folder)/\(World.unique("approved"))-tests"
    try Files.createDirectory(tests)
    defer { _ = try? Files.removeTree(tests) }
    try Files.copyTree("\(World.root)/tests/ccci_test", to: "\(tests)/ccci_test")
    try Files.write(Files.read("\(World.root)/tests/conftest.py"), to: "\(tests)/conftest.py")
    try Files.write(Array(approved.utf8), to: "\(tests)/repo-local-approved.txt")
    let place = World.Installation.own("cage")
    let target = try await World.ownPullRequest(recipe, tests: tests, files: files)
    let id = World.unique("cage")
    let run = try await World.run(target + more + ["--run-id", id], with: place.environment)
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
    return (try World.results(id, of: place), run)
  }
}

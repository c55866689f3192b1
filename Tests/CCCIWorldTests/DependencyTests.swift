import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite("Dependencies", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct DependencyTests {
  /// Where no Keycloak is: the proxy answers 404.
  private static let nobody = ["CCCI_KEYCLOAK_URL": "https://no-keycloak.ci.localhost"]

  private static let login = ["test_the_user_of_this_run_is_let_in", "test_a_wrong_password_is_not", "test_the_client_itself_gets_a_token"]

  @Test("on the host's Keycloak: people log in at the run's own realm, which is gone afterwards, and nothing of it is told")
  func shared() async throws {
    let place = World.Installation.own("realm")
    let (id, tests) = (World.unique("realm"), try Self.tests())
    defer { _ = try? Files.removeTree(tests) }
    let target = try await World.ownPullRequest("sso-app", tests: tests)
    async let ending = World.run(target + ["--run-id", id], with: place.environment)
    let record = try await World.record(id, of: place, when: "in its custom tier") { $0.phase == "custom" }
    let realm = try #require(record.realm)
    #expect(realm == "sso-app-\(try await World.domain(target).dropFirst(5).prefix(6))")
    let during = try await Self.realms()
    #expect(during.map(\.name).contains("master"))
    let mark = try #require(during.first { $0.name == realm }.flatMap { RealmMark($0.attributes) })
    #expect(mark.run == id && mark.app == record.apps.first)
    let credentials = try Self.credentials(RunDirectory(runs: place.runs, id: id).deps)
    let run = try await ending
    #expect(run.status == 0, "\(run)")
    let results = try World.results(id, of: place)
    #expect(results.verdict == .green && results.deploys.count == 1 && results.flags.noSecretLeak)
    #expect(results.tiers.last?.tests.map(\.name) == Self.login)
    #expect(try await !Self.realms().map(\.name).contains(realm))
    #expect(try Files.status(RunDirectory(runs: place.runs, id: id).deps) == nil)
    #expect(credentials.count == 2)
    for secret in credentials { #expect(!run.output.contains(secret) && !run.error.contains(secret)) }
  }

  @Test("where the host's Keycloak is not healthy: one of the run's own, counted, used and removed")
  func cold() async throws {
    let place = World.Installation.own("cold")
    let (id, tests) = (World.unique("cold"), try Self.tests())
    defer { _ = try? Files.removeTree(tests) }
    let target = try await World.ownPullRequest("sso-app", tests: tests)
    async let ending = World.run(target + ["--run-id", id], with: place.environment.merging(Self.nobody) { $1 })
    let record = try await World.record(id, of: place, when: "with two apps") { $0.apps.count == 2 }
    let run = try await ending
    #expect(run.status == 0, "\(run)")
    let results = try World.results(id, of: place)
    #expect(results.deploys == Results.Deploys(count: 2, expected: 2))
    #expect(results.warnings.contains { $0.contains("the host's keycloak is not healthy") && $0.contains("404") })
    #expect(results.tiers.last?.tests.map(\.name) == Self.login)
    #expect(record.apps.first?.hasPrefix("keyc-") == true && record.realm == nil)
    for app in record.apps { #expect(try await World.traces(of: app).isEmpty) }
  }

  @Test("two runs at once have different realms; after KILL of both and their guards one janitor pass leaves none, and master stays")
  func killed() async throws {
    let place = World.Installation.own("realms")
    let tests = try Self.tests()
    defer { _ = try? Files.removeTree(tests) }
    var realms: [String] = []
    var apps: [String] = []
    let targets = [try await World.ownPullRequest("sso-app", tests: tests), try await World.ownPullRequest("sso-app", tests: tests)]
    let ids = [World.unique("realm-a"), World.unique("realm-b")]
    async let first = World.run(targets[0] + ["--run-id", ids[0]], with: place.environment, atOnce: true)
    async let second = World.run(targets[1] + ["--run-id", ids[1]], with: place.environment, atOnce: true)
    for id in ids {
      let record = try await World.record(id, of: place, when: "deployed") { $0.phase == "upgrade" }
      realms.append(try #require(record.realm))
      apps += record.apps
      for process in try await World.guards(of: id) + [record.pid] { kill(process, SIGKILL) }
    }
    _ = try await (first, second)
    #expect(Set(realms).count == 2)
    #expect(try await Set(realms).isSubset(of: Self.realms().map(\.name)))
    let dry = try await World.run(["--dry-run"], command: "ccci-janitor", with: place.environment)
    for realm in realms { #expect(dry.output.contains("would reap  realm \(realm)"), "\(dry)") }
    let pass = try await World.run([], command: "ccci-janitor", with: place.environment)
    for realm in realms { #expect(pass.output.contains("reaped  realm \(realm)"), "\(pass)") }
    let left = try await Self.realms().map(\.name)
    #expect(left.contains("master") && Set(realms).isDisjoint(with: left))
    for app in apps { #expect(try await World.traces(of: app).isEmpty) }
  }

  @Test("KILL: the guard removes the realm too")
  func guarded() async throws {
    let place = World.Installation.own("realm-guard")
    let (id, tests) = (World.unique("realm-guard"), try Self.tests())
    defer { _ = try? Files.removeTree(tests) }
    let target = try await World.ownPullRequest("sso-app", tests: tests)
    async let ending = World.run(target + ["--run-id", id], with: place.environment)
    let record = try await World.record(id, of: place, when: "deployed") { $0.phase == "upgrade" }
    kill(record.pid, SIGKILL)
    _ = try await ending
    _ = try await World.record(id, of: place, when: "closed", within: 30) { $0.finished != nil }
    #expect(try await !Self.realms().map(\.name).contains(try #require(record.realm)))
    #expect(try World.results(id, of: place).flags.leftovers == [])
  }

  @Test(
    "a dependency that cannot be brought up makes the run unjudged, whoever needs it",
    arguments: [("requires", Tier.install), ("test_requires", Tier.custom)])
  func missing(_ key: String, _ tier: Tier) async throws {
    let place = World.Installation.own("missing")
    let (id, tests) = (World.unique("missing"), try Self.tests())
    defer { _ = try? Files.removeTree(tests) }
    try Files.createDirectory("\(tests)/custom-html")
    try Files.write(Array("\(key) = [\"no-such-recipe\"]\n".utf8), to: "\(tests)/custom-html/recipe.toml")
    let test = "def test_page(app):\n    assert app.url\n\ndef test_store(deps):\n    assert deps['no-such-recipe']['url']\n"
    try Files.write(Array(test.utf8), to: "\(tests)/custom-html/test_store.py")
    let target = try await World.ownPullRequest("custom-html", tests: tests)
    let run = try await World.run(target + ["--run-id", id], with: place.environment)
    #expect(run.status == 2, "\(run)")
    let results = try World.results(id, of: place)
    let judged = try #require(results.tiers.first { $0.tier == tier })
    #expect(judged.outcome == .error && judged.reason == .deps)
    #expect(judged.because?.contains("the dependency no-such-recipe is not ready") == true, "\(judged.because ?? "")")
    if tier == .custom { #expect(judged.tests.map(\.outcome) == [.error, .pass, .skip]) }
    #expect(results.flags.cleanTeardown)
  }

  @Test("warm data keeps its realm: promoted, promoted again, and quick, each finds the same client and user, and leaves no realm behind")
  func warm() async throws {
    let place = World.Installation.own("warm-realm")
    let tests = try Self.tests()
    defer { _ = try? Files.removeTree(tests) }
    try await World.forget("warm-sso-app")
    let settings = "\(tests)/sso-app/recipe.toml"
    try Files.write(Array("warm_canonical = true\n".utf8) + Files.read(settings), to: settings)
    let folder = ShelfFolder(shelf: "\(place.folder)/shelf", name: "sso-app")

    let target = try await World.ownPullRequest("sso-app", tests: tests)
    let plan = try await World.run(["plan"] + target, with: place.environment)
    #expect(plan.output.contains("a realm on https://keycloak.ci.localhost, else an app of its own"), "\(plan)")
    var kept: [RealmCredentials] = []
    let warmed = place.environment.merging(["CCCI_HOST_TESTS": tests]) { $1 }
    for id in ["cold", "again"] {
      // By its version: an app of another domain than the newcomer's, which is tested at the same time.
      let cold = try await World.run(["sso-app", "--version", "0.2.0+1.1.0", "--tests", tests, "--run-id", id], with: place.environment)
      #expect(cold.status == 0, "\(cold)")
      let promoted = try await World.run(["promote", id], command: "ccci-snap", with: warmed)
      #expect(promoted.status == 0 && promoted.output.contains("of run \(id)"), "\(promoted)")
      kept.append(try #require(try folder.readRealm()))
    }
    #expect(kept[0] == kept[1] && kept[0].issuer == "https://keycloak.ci.localhost/realms/warm-sso-app")
    #expect(try Files.status(folder.realm)?.mode == 0o600)
    #expect(try await !Self.realms().map(\.name).contains("warm-sso-app"))

    let id = World.unique("quick")
    async let ending = World.run(target + ["--quick", "--run-id", id], with: place.environment)
    let record = try await World.record(id, of: place, when: "in its custom tier") { $0.phase == "custom" }
    #expect(record.realm == "warm-sso-app")
    let quick = try await ending
    #expect(quick.status == 0, "\(quick)")
    let results = try World.results(id, of: place)
    #expect(results.verdict == .quickGreen && results.deploys.count == 1 && results.flags.noSecretLeak)
    #expect(results.tiers.last?.tests.map(\.name) == Self.login)
    for secret in [kept[0].clientSecret, kept[0].password] { #expect(!quick.output.contains(secret) && !quick.error.contains(secret)) }
    #expect(try await !Self.realms().map(\.name).contains("warm-sso-app"))

    // No other provider will do, and none is taken silently.
    let other = World.unique("other")
    let moved = try await World.run(target + ["--quick", "--run-id", other], with: place.environment.merging(Self.nobody) { $1 })
    #expect(moved.status == 2 && moved.error.contains("warm data is of a realm on it"), "\(moved)")
    _ = try Files.remove(folder.realm)
    let lost = try await World.run(target + ["--quick", "--run-id", World.unique("lost")], with: place.environment)
    #expect(lost.status == 2 && lost.error.contains("the known-good was not made with"), "\(lost)")
    #expect(try folder.readCanonical()?.status == .idle)
    try await World.forget("warm-sso-app")
  }

  /// A `tests/` folder with the two sample recipes in it.
  private static func tests() throws -> String {
    let tests = "\(World.folder)/\(World.unique("tests"))"
    try Files.createDirectory(tests)
    try Files.copyTree("\(World.root)/tests/ccci_test", to: "\(tests)/ccci_test")
    try Files.write(Files.read("\(World.root)/tests/conftest.py"), to: "\(tests)/conftest.py")
    for recipe in ["keycloak", "sso-app"] { try Files.copyTree("\(World.overlays)/\(recipe)", to: "\(tests)/\(recipe)") }
    return tests
  }

  private static func credentials(_ path: String) throws -> [String] {
    struct Facts: Decodable {
      var secret: String
      var password: String
      enum CodingKeys: String, CodingKey {
        case password
        case secret = "client_secret"
      }
    }
    let facts = try JSONDecoder().decode([String: Facts].self, from: Data(try Files.read(path)))
    return facts.values.flatMap { [$0.secret, $0.password] }
  }

  private static func realms() async throws -> [Keycloak.Realm] {
    let password = String(decoding: try Files.read("\(World.folder)/secrets/keycloak_admin"), as: UTF8.self).filter { !$0.isNewline }
    return try await Keycloak(
      host: World.host, url: "https://keycloak.ci.localhost", administrator: "admin", password: password,
      authorities: "\(World.folder)/ca/bundle.pem"
    ).realms()
  }
}

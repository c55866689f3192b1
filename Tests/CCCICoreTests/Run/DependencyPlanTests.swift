import Testing

@testable import CCCICore

@Suite struct DependencyPlanTests {
  private static func plans(
    _ requires: [String], tests: [String] = [], known: [String: [String]] = [:], provider: String? = nil, mode: Verdict.Mode = .cold
  ) throws(Failure) -> [DependencyPlan] {
    var own = RecipeSettings()
    var settings = Plans.settings
    settings.keycloak.url = provider
    var all: [RecipeName: DependencyPlan.Known] = [:]
    own.requires = try requires.map { (text) throws(Failure) in try RecipeName(text) }
    own.testRequires = try tests.map { (text) throws(Failure) in try RecipeName(text) }
    for (name, requires) in known {
      var what = DependencyPlan.Known()
      what.settings.requires = try requires.map { (text) throws(Failure) in try RecipeName(text) }
      all[try RecipeName(name)] = what
    }
    return try DependencyPlan.all(
      of: try RecipeName("notes"), own, at: AppDomain("note-abcdef.ci.example.org"), mode: mode, settings: settings,
      known: all)
  }

  @Test func `each has an app of its own, by its name and its parent's domain`() throws {
    let plans = try Self.plans(["keycloak", "redis"], tests: ["mailpit"])
    #expect(plans.map(\.recipe.text) == ["keycloak", "redis", "mailpit"] && plans.map(\.need) == [.app, .app, .tests])
    #expect(plans.allSatisfy { $0.provider == nil && $0.words == "an app of its own at https://\($0.domain)" })
    for plan in plans { #expect(Orphans.looksLikeOurs(plan.domain.text, zone: "ci.example.org")) }
    #expect(Set(plans.map(\.domain)).count == 3 && plans[0].domain.text.hasPrefix("keyc-"))
    #expect(plans[0].source.src.hasSuffix("/coop-cloud/keycloak.git"))
    let elsewhere = AppDomain.dependency(plans[0].recipe, of: AppDomain("note-fedcba.ci.example.org"), zone: "ci.example.org")
    #expect(elsewhere != plans[0].domain)
  }

  @Test func `only keycloak is looked for on the host`() throws {
    let plans = try Self.plans(["keycloak", "redis"], provider: "https://sso.example.org")
    #expect(plans.map(\.provider) == ["https://sso.example.org", nil])
    #expect(plans[0].words.hasPrefix("a realm on https://sso.example.org, else an app of its own at https://keyc-"))
  }

  @Test(arguments: [Verdict.Mode.quick, .promote])
  func `warm data is of one realm, whose provider nothing else can stand in for`(mode: Verdict.Mode) throws {
    let plans = try Self.plans(["keycloak", "redis"], provider: "https://sso.example.org", mode: mode)
    #expect(plans.map(\.isWarm) == [true, false] && plans[0].words == "the realm of its warm data on https://sso.example.org")
    #expect(try Self.plans(["keycloak"], mode: mode)[0].words.contains("[keycloak] url is not set"))
    // A realm that only tests ask for is nothing that data names.
    #expect(try Self.plans([], tests: ["keycloak"], provider: "https://sso.example.org", mode: mode).map(\.isWarm) == [false])
    #expect(try Self.plans(["keycloak"], provider: "https://sso.example.org").map(\.isWarm) == [false])
    #expect(RunRealm.name(ofCanonical: AppDomain("warm-canon-sso.ci.example.org")) == "warm-canon-sso")
  }

  static let refused: [([String], [String], [String: [String]], String)] = [
    (["notes"], [], [:], "notes needs itself"), (["redis", "redis"], [], [:], "redis is named twice"),
    (["redis"], ["redis"], [:], "redis is named twice"), (["authentik"], [], ["authentik": ["redis"]], "authentik itself requires redis"),
  ]

  @Test(arguments: refused)
  func `what could not be brought up is refused before anything is touched`(
    requires: [String], tests: [String], known: [String: [String]], words: String
  ) throws {
    let failure = try #require(throws: Failure.self) { try Self.plans(requires, tests: tests, known: known) }
    #expect(failure.code == .badData && failure.what.contains(words) && failure.what.contains("tests/notes/recipe.toml"), "\(failure)")
  }

  @Test func `a realm is named by the recipe and the digits of its app`() throws {
    let plan = try Plans.plan(try Plans.request())
    #expect(RunRealm.name(of: plan) == "notes-\(plan.domain.text.dropFirst(5).prefix(6))")
  }
}

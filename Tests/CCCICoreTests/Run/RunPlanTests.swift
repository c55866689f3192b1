import Testing

@testable import CCCICore

@Suite struct RunPlanTests {
  @Test func `a plan is what the request, the settings and the folder say`() throws {
    let sha = String(repeating: "a", count: 40)
    let request = try Plans.request { ($0.ref, $0.pr, $0.src) = (sha, "7", "https://git.example.org/o/notes.git") }
    let plan = try Plans.plan(request, files: ["test_install.py", "functional/test_a", "pre_backup.sh"]) { $0.healthPath = "/health" }
    #expect(plan.domain == AppDomain.run(of: request.recipe, pr: 7, what: sha, zone: "ci.example.org"))
    #expect(plan.source.src == "https://git.example.org/o/notes.git" && plan.source.upstream.hasSuffix("/coop-cloud/notes.git"))
    #expect(plan.tiers.map(\.tier) == Tier.allCases && plan.tiers.allSatisfy { $0.skipped == nil })
    #expect(plan.tiers.flatMap(\.generic) == GenericAssertion.allCases && plan.optOuts.isEmpty)
    #expect(plan.tiers.map { $0.overlays.map(\.path) } == [["test_install.py"], [], [], [], ["functional/test_a"]])
    #expect(
      plan.manifest(repoLocal: nil).settings == ["health_path": "/health"] && plan.manifest(repoLocal: nil).hooks == ["pre_backup.sh"])
    #expect(plan.manifest(repoLocal: nil).overlays == ["overlay": ["install": ["test_install.py"], "custom": ["functional/test_a"]]])
    let plain = try Plans.plan(try Plans.request())
    #expect(plain.source.src == plain.source.upstream && plain.manifest(repoLocal: nil).overlays.isEmpty)
  }

  @Test func `a tier is left out when it is declared, or custom without tests`() throws {
    let plan = try Plans.plan(try Plans.request()) { $0.expectedNA = [.upgrade: "moved", .custom: "none yet"] }
    #expect(plan.tiers.map { $0.skipped?.reason } == [nil, .declared, nil, nil, .declared] && plan.tiers[1].skipped?.because == "moved")
    #expect(try Plans.plan(try Plans.request()).tiers[4].skipped == .skip(.structural, "no custom tests"))
    let narrow = try Plans.plan(try Plans.request { $0.tiers = "install,custom" }, files: ["test_a.py"])
    #expect(narrow.tiers.map(\.tier) == [.install, .custom] && narrow.tiers[1].skipped == nil)
  }

  static let optOuts: [(String, [Tier], [String: String], [Tier: String])] = [
    ("none", [], [:], [:]), ("recipe.toml", [.upgrade], [:], [.upgrade: "recipe.toml: skip_generic"]),
    ("one tier", [], ["CCCI_SKIP_GENERIC_UPGRADE": "1"], [.upgrade: "CCCI_SKIP_GENERIC_UPGRADE"]),
    (
      "all", [], ["CCCI_SKIP_GENERIC": "true"],
      [.install: "CCCI_SKIP_GENERIC", .upgrade: "CCCI_SKIP_GENERIC", .backup: "CCCI_SKIP_GENERIC", .restore: "CCCI_SKIP_GENERIC"]
    ),
    (
      "the more specific wins", [.install],
      ["CCCI_SKIP_GENERIC": "yes", "CCCI_SKIP_GENERIC_BACKUP": "0", "CCCI_SKIP_GENERIC_RESTORE": "1"],
      [.install: "recipe.toml: skip_generic", .upgrade: "CCCI_SKIP_GENERIC", .restore: "CCCI_SKIP_GENERIC_RESTORE"]
    ), ("no", [], ["CCCI_SKIP_GENERIC": "0", "CCCI_SKIP_GENERIC_INSTALL": "no"], [:]),
    ("custom has none", [], ["CCCI_SKIP_GENERIC_CUSTOM": "1"], [:]),
    ("not by a build's parameter", [], ["DRONE": "true", "CCCI_SKIP_GENERIC": "1", "CCCI_SKIP_GENERIC_UPGRADE": "1"], [:]),
    ("recipe.toml under Drone", [.backup], ["DRONE": "true"], [.backup: "recipe.toml: skip_generic"]),
  ]

  @Test(arguments: optOuts)
  func `opt-outs are taken from where they may come, and shown`(
    name: String, settings: [Tier], environment: [String: String], expected: [Tier: String]
  ) throws {
    let plan = try Plans.plan(try Plans.request(), environment: environment) { $0.skipGeneric = settings }
    #expect(plan.optOuts == expected, "\(name)")
    for tier in plan.tiers { #expect(tier.generic.isEmpty == (expected[tier.tier] != nil || tier.tier == .custom)) }
    let text = PlanText.text(plan)
    for (tier, who) in expected { #expect(text.contains("!!       generic assertions of \(tier.rawValue) are off: \(who)")) }
  }

  @Test func `a zone that makes the stack too long for abra is refused, with the length that fits`() throws {
    var settings = Plans.settings
    settings.host.zone = String(repeating: "a", count: 33)
    let request = try Plans.request()
    func make() throws(Failure) -> RunPlan {
      try RunPlan.make(
        RunPlan.Question(request: request, settings: settings, recipe: RecipeSettings(), overlays: OverlayPlan(), environment: [:]))
    }
    #expect(try make().domain.stack.count == AppDomain.longestStack)
    settings.host.zone += "a"
    let failure = #expect(throws: Failure.self) { try make() }
    #expect(failure?.code == .config && failure?.next.contains("33 characters") == true)
  }

  @Test func `a plan is printed for people, and for programs`() throws {
    let request = try Plans.request { $0.version = "1.0.0+1" }
    let plan = try Plans.plan(request, files: ["test_upgrade.py", "test_run", "extra/test_x.py", "ops.py"]) {
      $0.expectedNA = [.restore: "no data"]
      $0.backupCapable = false
    }
    let text = PlanText.text(plan)
    for line in [
      "recipe   notes", "tests    version 1.0.0+1", "app      https://\(plan.domain)", "setting  backup_capable = false", "hook     ops.py",
      "restore: skip (declared): no data", "backup: skip: backup_capable = false", "  overlay  test_run (executable)",
      "  overlay  test_upgrade.py",
      "  generic  install serving    the app answers over HTTPS with an accepted status", "not asked for: extra/test_x.py (--extra-tests)",
      "upgrade: from the release before it, if there is one",
    ] { #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)\n\(text)") }
    let json = try YAMLNode.parse(Array(try PlanText.json(plan).utf8), path: "plan")
    #expect(json["recipe"]?.string == "notes" && json["target"]?.string == "version 1.0.0+1" && json["hooks"]?.items.count == 1)
    #expect(json["tiers"]?.items.map { $0["runs"]?.string } == ["true", "true", "true", "false", "true"])
    #expect(json["tiers"]?.items[3]["because"]?.string == "no data" && json["settings"]?["expected_na.restore"]?.string == "no data")
  }

  @Test func `every generic assertion belongs to its tier, and says what it asserts`() {
    #expect(Tier.allCases.flatMap(GenericAssertion.of) == GenericAssertion.allCases && GenericAssertion.of(.custom).isEmpty)
    for assertion in GenericAssertion.allCases {
      #expect(assertion.rawValue.hasPrefix(assertion.tier.rawValue) && !assertion.meaning.isEmpty)
    }
    #expect(
      Tier.allCases.dropLast().allSatisfy { tier in GenericAssertion.of(tier).contains(where: \.isOp) },
      "every op is asserted, opt-out or not")
  }
}

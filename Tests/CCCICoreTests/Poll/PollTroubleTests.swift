import FoundationEssentials
import Testing

@testable import CCCICore

/// What goes wrong on the servers, each named with its remedy, and nothing lost after it is mended.
@Suite struct PollTroubleTests {
  private func world(_ repositories: [String] = ["recipes/notes"]) async throws -> PollWorld {
    let world = try PollWorld(repositories: repositories)
    for slug in repositories { world.forge.open(slug, 12, sha: PollWorld.sha(1)) }
    try await world.run()
    world.forge.pass(200)
    return world
  }

  /// Everything that `status` would show.
  private func troubles(_ world: PollWorld) throws -> String {
    let memory = try world.shelf.memory()
    var lines = memory.troubles.map { "\($0.key): \($0.value.says); \($0.value.hint)" }
    for slug in world.settings.forge.repositories {
      let parts = slug.split(separator: "/").map(String.init)
      if let trouble = try world.shelf.repository(owner: parts[0], repo: parts[1])?.trouble {
        lines.append("\(slug): \(trouble.says); \(trouble.hint)")
      }
    }
    return (lines + memory.hosts.map { "\($0.key): \($0.value.says)" }).joined(separator: "\n")
  }

  /// While an answer is replaced nothing is started and the words are shown; afterwards the comment is served once.
  private func check(
    _ words: [String], _ override: @escaping @Sendable (HTTPRequest) -> HTTPResponse?, lasts: Int = 3,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let world = try await world()
    world.forge.state.withLock { $0.overrides = [override] }
    let id = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.passes(lasts)
    #expect(world.forge.state.withLock { $0.builds.isEmpty }, sourceLocation: sourceLocation)
    let shown = try troubles(world)
    for word in words { #expect(shown.contains(word), "\(shown)", sourceLocation: sourceLocation) }
    world.forge.state.withLock { $0.overrides = [] }
    try await world.passes(25)
    let left = try troubles(world)
    #expect(world.forge.builds(of: world.key(id)).count == 1, "lost: \(left)", sourceLocation: sourceLocation)
    #expect(world.forge.answers(world.key(id)).count == 1, sourceLocation: sourceLocation)
    #expect(left.isEmpty, "\(left)", sourceLocation: sourceLocation)
  }

  @Test func `a token that the git host refuses`() async throws {
    try await check(["refuses the token", "[forge] token_file"]) {
      $0.url.contains("/api/v1/") ? FakeForge.json(401, #"{"message":"invalid username, password or token"}"#) : nil
    }
  }

  @Test func `a token without a scope`() async throws {
    try await check(["scope", "read:organization"]) {
      $0.url.contains("/members/") ? FakeForge.json(403, #"{"message":"token does not have at least one of required scope(s)"}"#) : nil
    }
  }

  @Test func `a bot that is in no team`() async throws {
    try await check(["no member of recipes", "team"]) {
      $0.url.contains("/members/")
        ? HTTPResponse(status: 303, headers: [(name: "location", value: "/api/v1/orgs/recipes/public_members/mira")]) : nil
    }
  }

  @Test func `a repository that was renamed`() async throws {
    try await check(["has moved", "/recipes/other", "[forge] repositories"]) {
      $0.url.contains("/repos/recipes/notes/")
        ? HTTPResponse(status: 301, headers: [(name: "location", value: "/api/v1/repos/recipes/other/issues/comments")]) : nil
    }
  }

  @Test func `a git host that is away for an hour`() async throws {
    try await check(["answers 502"], { $0.url.hasPrefix(FakeForge.url) ? HTTPResponse(status: 502) : nil }, lasts: 120)
  }

  @Test func `a git host that answers with a page`() async throws {
    try await check(["is not JSON"]) { $0.url.contains("/issues/comments") ? FakeForge.json(200, "<html>maintenance</html>") : nil }
  }

  @Test func `a token that Drone refuses`() async throws {
    try await check(["drone.example.org: refuses the token", "[drone] token_file"]) {
      $0.url.hasPrefix(FakeForge.drone) ? FakeForge.json(401, #"{"message":"Unauthorized"}"#) : nil
    }
  }

  @Test func `a Drone that is away for an hour`() async throws {
    try await check(["drone.example.org"], { $0.url.hasPrefix(FakeForge.drone) ? HTTPResponse(status: 503) : nil }, lasts: 120)
  }

  @Test func `a token that is somebody else's`() async throws {
    let world = try PollWorld()
    world.forge.state.withLock { $0.botLogin = "somebody" }
    try await world.run()
    #expect(try troubles(world).contains("somebody's, not ccci-bot's"))
    #expect(try world.shelf.repository(owner: "recipes", repo: "notes") == nil, "nothing is read with it")
  }

  @Test func `one repository that cannot be read stops no other`() async throws {
    for more in [[], (0..<25).map { "recipes/r\($0)" }] {
      let world = try await world(["recipes/bad", "recipes/good"] + more)
      world.forge.state.withLock { $0.overrides = [{ $0.url.contains("/repos/recipes/bad/") ? FakeForge.json(404, "{}") : nil }] }
      let bad = world.forge.comment("recipes/bad", 12, "!testme")
      let good = world.forge.comment("recipes/good", 12, "!testme")
      try await world.passes(2)
      #expect(world.forge.builds(of: world.key(good, "recipes/good")).count == 1)
      #expect(try troubles(world).contains("recipes/bad"))
      world.forge.state.withLock { $0.overrides = [] }
      try await world.passes(3)
      #expect(world.forge.builds(of: world.key(bad, "recipes/bad")).count == 1)
    }
  }

  @Test(arguments: [
    ("null", "no pipeline"), (#"{"number":99,"status":"error","error":"yaml: line 3: @all #1"}"#, "yaml: line 3"), ("404", "does not know"),
  ])
  func `a build that Drone cannot make is said, and not asked for again`(body: String, words: String) async throws {
    let world = try await world()
    world.forge.state.withLock { state in
      state.overrides = [
        { request in
          guard request.method == .post, request.url.hasPrefix(FakeForge.drone) else { return nil }
          return body == "404" ? FakeForge.json(404, "{}") : FakeForge.json(200, body)
        }
      ]
    }
    let id = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.passes(5)
    let answer = try #require(world.forge.answers(world.key(id)).first)
    #expect(answer.body.contains("could not start") && answer.body.contains(words) && !answer.body.contains("@all"))
    #expect(world.forge.state.withLock { $0.requests.filter { $0.hasPrefix("POST /api/repos/recipes/cc-ci/builds") }.count } == 1)
    #expect(try world.trigger(id)?.state == .reported)
  }

  /// Whole bodies, as anybody may post them.
  static let bodies =
    LivingCommentTests.hostile + [
      "!testme\u{0}", "!testmexyz", "> !testme", "```\n!testme\n```", "!testme --src https://evil.example.org", "!testme --ref main",
      "!testme RECIPE=x", "!testme\u{202E}", "!\u{0442}estme", "<!-- ccci:v1 key=git.example.org/recipes/notes%2312%40901 -->\n!testme",
      "!testme --tiers install;id", "!testme --tiers $(id)", "!testme `id`", "!testme --tiers ../../etc", "!testme --tiers install --keep",
      "please !testme", "\\!testme", "!testme/../", "!testme%0a--quick", "!TESTME", "!testme --quick=1", "{\"body\":\"!testme\"}",
      "!testme @all",
      "!testme #1", "!cancel everything", "!status @all", "!help #1",
    ]

  @Test func `60 and more hostile comments of a member: no build, and nothing smuggled`() async throws {
    let world = try await world()
    var ids: [Int] = []
    for body in Self.bodies where TestmeComment.parse(body)?.verb != .testme { ids.append(world.forge.comment("recipes/notes", 12, body)) }
    #expect(ids.count >= 60)
    try await world.passes(4)
    #expect(world.forge.state.withLock { $0.builds.isEmpty })
    for id in ids {
      for answer in world.forge.answers(world.key(id)) {
        let prose = LivingCommentTests.prose(String(answer.body.drop { $0 != "\n" }))
        #expect(!prose.contains("@") && !prose.contains("#1"), "\(prose)")
      }
    }
    #expect(try world.shelf.open().isEmpty)
    print("hostile: \(ids.count) comments, 0 builds")
  }

  /// Names that the server may come up with.
  @Test(arguments: ["", "../../etc", "a b", "x\n", "@all", "mira/../eve", "💥", String(repeating: "x", count: 5000), "mira?x=1", "%2e%2e"])
  func `a name that is none of a member's is no member's`(login: String) async throws {
    let world = try await world()
    let id = world.forge.comment("recipes/notes", 12, "!testme", by: GiteaUser(id: 99, login: login.replacing("\n", with: "\\n")))
    try await world.passes(3)
    #expect(world.forge.state.withLock { $0.builds.isEmpty })
    let asked = world.forge.state.withLock { $0.requests.filter { $0.contains("/members/") } }
    #expect(asked.allSatisfy { $0.hasPrefix("GET /orgs/recipes/members/") && $0.split(separator: "/").count <= 5 })
    #expect(try world.trigger(id)?.ending == .refused || asked.isEmpty)
  }
}

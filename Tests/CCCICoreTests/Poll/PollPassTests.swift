import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct PollPassTests {
  private func world(_ repositories: [String] = ["recipes/notes"], allow: [String] = []) async throws -> PollWorld {
    let world = try PollWorld(repositories: repositories, allow: allow)
    for slug in repositories { world.forge.open(slug, 12, sha: PollWorld.sha(1)) }
    try await world.run()
    world.forge.pass(200)
    return world
  }

  @Test func `a comment becomes a build, and the build one comment that ends with its verdict`() async throws {
    let world = try await world()
    let id = world.forge.comment("recipes/notes", 12, "!testme --extra-tests")
    try await world.run()
    let build = try #require(world.forge.builds(of: world.key(id)).first)
    #expect(
      build.params == [
        "RECIPE": "notes", "REF": PollWorld.sha(1), "PR": "12", "SRC": "https://git.example.org/recipes/notes.git", "EXTRA_TESTS": "1",
        "CCCI_TRIGGER": world.key(id),
      ])
    var answer = try #require(world.forge.answers(world.key(id)).first)
    #expect(answer.body.hasPrefix("<!-- ccci:v1 key=git.example.org/recipes/notes%2312%40\(id) -->\n**notes**: queued"))
    #expect(world.forge.state.withLock { $0.statuses.map(\.state) } == ["pending"])
    try world.runner()
    try await world.passes(1)
    answer = try #require(world.forge.answers(world.key(id)).first)
    #expect(answer.body.contains("running"))
    world.forge.pass(100)
    try world.runner()
    try await world.passes(2)
    #expect(world.forge.answers(world.key(id)).count == 1)
    answer = try #require(world.forge.answers(world.key(id)).first)
    #expect(answer.body.contains("**GREEN**") && answer.body.contains("ccci-run notes --ref \(PollWorld.sha(1)) --pr 12"))
    #expect(try world.trigger(id)?.state == .reported)
    #expect(
      world.forge.state.withLock { $0.statuses.map { "\($0.context) \($0.state)" } } == ["cc-ci/testme pending", "cc-ci/testme success"])
    #expect(world.forge.builds(of: world.key(id)).count == 1)
    #expect(try world.shelf.open().isEmpty)
  }

  @Test func `the first look triggers nothing, and later ones do`() async throws {
    let world = try PollWorld()
    world.forge.open("recipes/notes", 12, sha: PollWorld.sha(1))
    let old = world.forge.comment("recipes/notes", 12, "!testme")
    world.forge.pass(3)
    try await world.run()
    let new = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.run()
    #expect(try world.trigger(old) == nil && world.trigger(new)?.state == .building)
  }

  @Test func `nobody gets a run for a comment that is no order of a member on an open pull request`() async throws {
    let world = try await world()
    let edited = world.forge.comment("recipes/notes", 12, "hello")
    world.forge.pass(2)
    world.forge.edit(edited, "!testme")
    let other = world.forge.comment("recipes/notes", nil, "!testme")
    let stranger = world.forge.comment("recipes/notes", 12, "!testme", by: FakeForge.stranger)
    let ghost = world.forge.comment("recipes/notes", 12, "!testme", by: GiteaUser(id: -1, login: "Ghost"))
    let bot = world.forge.comment("recipes/notes", 12, "!testme", by: FakeForge.bot)
    let missing = world.forge.comment("recipes/notes", 99, "!testme")
    world.forge.open("recipes/notes", 13, sha: PollWorld.sha(2))
    world.forge.state.withLock { $0.pulls["recipes/notes#13"]?.isOpen = false }
    let closed = world.forge.comment("recipes/notes", 13, "!testme")
    let moved = world.forge.comment("recipes/notes", 12, "!testme")
    world.forge.push("recipes/notes", 12, PollWorld.sha(3))
    try await world.passes(3)
    #expect(world.forge.state.withLock { $0.builds.isEmpty })
    for id in [edited, other, ghost, bot] { #expect(try world.trigger(id) == nil) }
    for id in [missing, closed] {
      #expect(try world.trigger(id)?.state == .reported && world.trigger(id)?.ending == .refused && world.trigger(id)?.isSilent == true)
    }
    #expect(world.forge.answers(world.key(stranger)).count == 1)
    let words = try #require(world.forge.answers(world.key(moved)).first?.body)
    #expect(words.contains("not tested") && words.contains(PollWorld.sha(1)) && words.contains(PollWorld.sha(3)))
    let second = world.forge.comment("recipes/notes", 12, "!testme", by: FakeForge.stranger)
    try await world.passes(2)
    #expect(world.forge.answers(world.key(second)).isEmpty, "the public is told once a day")
    #expect(try world.trigger(second)?.state == .reported)
  }

  @Test func `a commit that turns out to have been pushed after the comment is not tested to the end`() async throws {
    let world = try await world()
    let id = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.run()
    #expect(world.forge.builds(of: world.key(id)).count == 1)
    // Gitea tells of the push later than the head has moved.
    world.forge.push("recipes/notes", 12, PollWorld.sha(1))
    try await world.passes(2)
    #expect(world.forge.builds(of: world.key(id)).map(\.status) == ["killed"])
    #expect(world.forge.answers(world.key(id)).first?.body.contains("not tested") == true)
  }

  @Test func `the allow-list knows ids, and logins that are no number`() {
    for (entry, yes) in [("41", true), ("mira", true), ("MIRA", true), ("4", false), ("mir", false), ("", false)] {
      #expect(Authorization.isListed(41, "mira", in: [entry]) == yes, "\(entry)")
    }
    #expect(!Authorization.isListed(5, "41", in: ["41"]), "somebody who calls himself by another's id")
    #expect(!Authorization.isListed(-1, "Ghost", in: ["Ghost", "-1"]))
  }

  @Test func `what is asked twice is run once`() async throws {
    let world = try await world()
    let first = world.forge.comment("recipes/notes", 12, "!testme")
    let second = world.forge.comment("recipes/notes", 12, "!testme")
    let quick = world.forge.comment("recipes/notes", 12, "!testme --tiers install")
    try await world.run()
    #expect(world.forge.builds(of: world.key(first)).count == 1 && world.forge.builds(of: world.key(second)).isEmpty)
    #expect(world.forge.builds(of: world.key(quick)).count == 1)
    #expect(world.forge.answers(world.key(second)).first?.body.contains("already queued as [build 41]") == true)
    // One that is stuck does not count.
    world.forge.state.withLock { $0.builds[0].machine = "cc-ci" }
    world.forge.pass(90)
    let third = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.passes(1)
    #expect(world.forge.builds(of: world.key(first)).map(\.status) == ["killed"])
    #expect(world.forge.builds(of: world.key(third)).count == 1)
  }

  @Test func `words are answered, and a cancel ends what waits and runs`() async throws {
    let world = try await world()
    let run = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.run()
    let status = world.forge.comment("recipes/notes", 12, "!status")
    let help = world.forge.comment("recipes/notes", 12, "!help")
    let unclear = world.forge.comment("recipes/notes", 12, "!testme --fast @all #1")
    try await world.passes(1)
    #expect(world.forge.answers(world.key(status)).first?.body.contains("build 41") == true)
    #expect(world.forge.answers(world.key(help)).first?.body.contains("`!testme --quick`") == true)
    let answer = try #require(world.forge.answers(world.key(unclear)).first?.body)
    #expect(answer.contains(TestmeComment.grammar) && !answer.contains("@all"))
    let cancel = world.forge.comment("recipes/notes", 12, "!cancel")
    try await world.passes(2)
    #expect(world.forge.builds(of: world.key(run)).map(\.status) == ["killed"])
    #expect(world.forge.answers(world.key(run)).first?.body.contains("**cancelled** by `mira`") == true)
    #expect(world.forge.answers(world.key(cancel)).first?.body.contains("Cancelled: 1 run") == true)
    #expect(try world.shelf.open().isEmpty)
    for id in [run, status, help, unclear, cancel] { #expect(world.forge.answers(world.key(id)).count == 1) }
  }

  @Test func `a comment that was written while nobody looked is served, an older one is told so`() async throws {
    let world = try await world()
    let id = world.forge.comment("recipes/notes", 12, "!testme")
    world.forge.pass(20 * 3600)
    try await world.run()
    #expect(world.forge.builds(of: world.key(id)).count == 1)
    let late = world.forge.comment("recipes/notes", 12, "!testme --extra")
    world.forge.pass(25 * 3600)
    try await world.run()
    #expect(world.forge.builds(of: world.key(late)).isEmpty)
    #expect(world.forge.answers(world.key(late)).first?.body.contains("older than 24 h") == true)
  }

  @Test func `a bot that may not set statuses says so once and goes on`() async throws {
    let world = try await world()
    world.forge.state.withLock { $0.mayMark = false }
    let first = world.forge.comment("recipes/notes", 12, "!testme")
    let second = world.forge.comment("recipes/notes", 12, "!testme --extra")
    try await world.passes(3)
    #expect(world.said.withLock { $0.filter { $0.contains("no commit statuses") }.count } == 1)
    #expect(world.forge.state.withLock { $0.requests.filter { $0.contains("/statuses/") }.count } == 1)
    #expect(world.forge.answers(world.key(first)).count == 1 && world.forge.answers(world.key(second)).count == 1)
  }

  @Test func `a comment of ours that is deleted is replaced once`() async throws {
    let world = try await world()
    let id = world.forge.comment("recipes/notes", 12, "!testme")
    try await world.run()
    for _ in 0..<3 {
      world.forge.state.withLock { state in
        for answer in state.comments.values where answer.comment.user.id == FakeForge.bot.id { state.comments[answer.comment.id] = nil }
      }
      try world.runner(duration: 1000)
      try await world.passes(3)
      world.forge.pass(400)
    }
    #expect(world.forge.state.withLock { $0.requests.filter { $0.hasPrefix("POST") && $0.hasSuffix("/comments") }.count } == 2)
    #expect(try world.trigger(id)?.reply.refused != nil)
  }

  @Test func `two passes at once: the second is told to come again`() async throws {
    let world = try await world()
    let held = try FileLock.attempt(world.shelf.lock, holder: "test")
    let failure = await #expect(throws: Failure.self) { try await world.pass().run() }
    #expect(failure?.code == .tryAgain)
    withExtendedLifetime(held) {}
  }

  @Test func `an idle pass over 500 repositories makes one request, over 20 it makes 20`() async throws {
    for (count, most) in [(500, 1.3), (20, 20)] {
      let world = try PollWorld(repositories: (0..<count).map { "recipes/r\($0)" })
      try await world.run()
      try await world.passes(1)
      let before = world.forge.state.withLock { $0.requests.count }
      let start = ContinuousClock.now
      try await world.passes(100)
      let requests = Double(world.forge.state.withLock { $0.requests.count } - before) / 100
      print("\(count) repositories: \(requests) requests and \((ContinuousClock.now - start).seconds * 10) ms a pass")
      #expect(requests <= most)
    }
  }

  @Test func `among many repositories a comment is found by the feed, and by the daily look if the feed is blind`() async throws {
    let world = try await world((0..<30).map { "recipes/r\($0)" })
    let id = world.forge.comment("recipes/r7", 12, "!testme")
    try await world.passes(1)
    #expect(world.forge.builds(of: world.key(id, "recipes/r7")).count == 1)
    world.forge.state.withLock { state in
      state.overrides.append { $0.url.contains("/issues/search") ? FakeForge.json(200, "[]") : nil }
    }
    let missed = world.forge.comment("recipes/r8", 12, "!testme")
    for _ in 0..<27 where world.forge.builds(of: world.key(missed, "recipes/r8")).isEmpty {
      world.forge.pass(3300)
      try await world.run()
    }
    #expect(try world.trigger(missed) != nil)
  }

  /// Written just after the server's clock went back; when somebody looks again it has passed the cursor, and nothing in the answer shows the step.
  @Test(arguments: [1, 30], [0.0, -2900])
  func `a comment that a step of a clock hides is found, also when ours steps with it`(repositories: Int, ours: Double) async throws {
    let world = try await world((0..<repositories).map { "recipes/r\($0)" })
    try await world.passes(3)
    world.forge.state.withLock { $0.serverStep -= 2800 }
    world.forge.pass(5)
    let id = world.forge.comment("recipes/r0", 12, "!testme")
    world.forge.state.withLock { $0.localStep += ours }
    world.forge.pass(3000)
    // The hour of the daily look is none of these: that one would find it anyway.
    try await world.passes(2)
    #expect(world.forge.builds(of: world.key(id, "recipes/r0")).count == 1)
  }

  /// By the answers of the others the clocks are steady again: only that it is owed tells that this one was not read since.
  @Test(arguments: [2, 30])
  func `a comment that could not be read when a clock stepped is found when it can be`(repositories: Int) async throws {
    let world = try await world((0..<repositories).map { "recipes/r\($0)" })
    try await world.passes(3)
    world.forge.state.withLock { state in
      state.serverStep -= 1200
      state.overrides = [{ $0.url.contains("/repos/recipes/r0/") ? FakeForge.json(404, "{}") : nil }]
    }
    let id = world.forge.comment("recipes/r0", 12, "!testme")
    try await world.passes(12)
    #expect(try world.trigger(id) == nil)
    world.forge.state.withLock { $0.overrides = [] }
    try await world.passes(12)
    #expect(world.forge.builds(of: world.key(id, "recipes/r0")).count == 1)
  }
}

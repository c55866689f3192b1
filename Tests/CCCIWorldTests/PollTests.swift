import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// The whole way: stand-ins for Gitea and Drone, whose runner runs the steps of our own `.drone.yml`; everything else is real.
@Suite("From a comment to its answer", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct PollTests {
  @Test("!testme becomes one build, one run on the swarm, and one comment with its verdict")
  func wholeWay() async throws {
    let place = World.Installation.own("poll")
    let target = try await World.ownPullRequest("custom-html")
    let number = try #require(Int(target[4]))
    let gitea = try await Server.start("gitea", Server.certificate + ["--name", "git.ci.localhost"], in: place)
    defer { gitea.stop() }
    let source = try Desk.source(in: place)
    let drone = try await Server.start(
      "drone", ["--runner", "exec", "--source", source] + Desk.runner(place), in: place)
    defer { drone.stop() }
    try await Desk.people(gitea, drone, source)
    let environment = try Desk.settings(place, gitea, drone)

    let first = try await World.run(["once"], command: "ccci-poll", with: environment)
    #expect(first.status == 0, "\(first)")
    try await Task.sleep(for: .milliseconds(1100))
    try await gitea.tell(
      "comments", ["repo": "mirror/custom-html", "number": number, "author": "mira", "body": "!testme --tiers install,custom"])
    var answer = ""
    for _ in 0..<200 where !answer.contains("**PARTIAL**") {
      let pass = try await World.run(["once"], command: "ccci-poll", with: environment)
      #expect(pass.status == 0, "\(pass)")
      answer = try await Self.answers(gitea, number).joined(separator: "\n---\n")
      try await Task.sleep(for: .milliseconds(500))
    }
    #expect(try await Self.answers(gitea, number).count == 1, "\(answer)")
    for words in ["**PARTIAL**", "| install | pass", "| custom | pass"] { #expect(answer.contains(words), "\(words): \(answer)") }
    let results = try World.results("d1", of: place)
    #expect(results.verdict == .partial && results.pr == number && results.ref == target[2])
    #expect(results.trigger?.contains("mirror/custom-html#\(number)@") == true && results.src == "\(gitea.url)/mirror/custom-html.git")
    struct Build: Decodable { var status: String }
    let builds = try JSONDecoder().decode([Build].self, from: Data(try await drone.ask("builds")))
    #expect(builds.map(\.status) == ["success"])
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
    // Nothing is said twice.
    let more = try await World.run(["once"], command: "ccci-poll", with: environment)
    #expect(more.status == 0)
    #expect(try await Self.answers(gitea, number).count == 1)
    let status = try await World.run(["status"], command: "ccci-poll", with: environment)
    #expect(status.output.contains("mirror/custom-html"), "\(status)")
  }

  /// What the bot has written below a pull request.
  private static func answers(_ gitea: Server, _ number: Int) async throws -> [String] {
    struct Comment: Decodable { var body: String }
    let bytes = try await gitea.ask("comments?repo=mirror/custom-html&number=\(number)&author=ccci-bot")
    return try JSONDecoder().decode([Comment].self, from: Data(bytes)).map(\.body)
  }
}

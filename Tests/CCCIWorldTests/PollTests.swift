import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// The whole way: stand-ins for Gitea and Drone, whose runner runs the steps of our own `.drone.yml`; everything else is real.
@Suite("From a comment to its answer", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(8)))
struct PollTests {
  @Test("!testme becomes one build, one run on the swarm, and one comment with its verdict")
  func wholeWay() async throws {
    let place = World.Installation.own("poll")
    let target = try await World.ownPullRequest("custom-html")
    let number = try #require(Int(target[4]))
    let certificate = ["--certificate", "\(World.folder)/ca/wildcard.pem", "--key", "\(World.folder)/ca/wildcard.key"]
    let gitea = try await Server.start("gitea", certificate + ["--name", "git.ci.localhost"], in: place)
    defer { gitea.stop() }
    let source = try Self.source(in: place)
    let drone = try await Server.start(
      "drone", ["--runner", "exec", "--source", source] + Self.runner(place), in: place)
    defer { drone.stop() }
    try await Self.people(gitea, drone, source)
    let environment = try Self.settings(place, gitea, drone)

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

  /// The clone of this repository that Drone gives to a step: `tests/`, and the pipeline with the programs that were built here.
  private static func source(in place: World.Installation) throws -> String {
    let source = "\(place.folder)/source"
    try Files.createDirectory(source)
    try Files.copyTree("\(World.root)/tests", to: "\(source)/tests")
    let pipeline = String(decoding: try Files.read("\(World.root)/.drone.yml"), as: UTF8.self)
    #expect(pipeline.contains("/run/current-system/sw/bin/ccci-run"))
    let ours = pipeline.replacing("/run/current-system/sw/bin/", with: "\(World.binaries)/")
    try Files.write(Array(ours.utf8), to: "\(source)/.drone.yml")
    return source
  }

  /// What the runner's unit gives to every step.
  private static func runner(_ place: World.Installation) -> [String] {
    let variables = ["PATH": World.variable("PATH") ?? "/usr/bin:/bin", "CCCI_SETTINGS": "\(place.folder)/settings.toml"]
    return variables.flatMap { ["--runner-env", "\($0.key)=\($0.value)"] }
  }

  private static func people(_ gitea: Server, _ drone: Server, _ source: String) async throws {
    try await gitea.tell("users", ["login": "ccci-bot", "id": 2, "token": "bot-token-0123456789"])
    try await gitea.tell("users", ["login": "mira", "id": 41, "token": "mira-token-0123456789"])
    try await gitea.tell("orgs", ["name": "mirror", "members": ["mira": "public", "ccci-bot": "private"]])
    try await gitea.tell("adopt", ["git": "\(World.folder)/git", "public": ["coop-cloud"], "author": "mira"])
    try await drone.tell("users", ["login": "ccci-bot", "token": "drone-token-0123456789", "admin": true])
    let pipeline = String(decoding: try Files.read("\(source)/.drone.yml"), as: UTF8.self)
    try await drone.tell("repos", ["repo": "recipes/cc-ci", "config": pipeline])
  }

  /// The world's settings, with this forge and this Drone.
  private static func settings(_ place: World.Installation, _ gitea: Server, _ drone: Server) throws -> [String: String] {
    for (name, text) in [("forge", "bot-token-0123456789"), ("drone", "drone-token-0123456789")] {
      try Files.write(Array(text.utf8), to: "\(place.folder)/\(name)_token", mode: 0o600)
    }
    let world = String(decoding: try Files.read("\(World.folder)/settings.toml"), as: UTF8.self)
    var lines: [String] = []
    for line in world.split(separator: "\n").map(String.init) {
      switch line.split(separator: " ").first {
      case "shelf": lines.append("shelf = \"\(place.folder)/shelf\"")
      case "runs": lines.append("runs = \"\(place.runs)\"")
      case "lock": lines.append("lock = \"\(place.locks)\"")
      default: lines.append(line)
      }
    }
    let text = lines.joined(separator: "\n").replacing("url = \"https://git.ci.localhost:8443/\"", with: "url = \"\(gitea.url)\"")
      .replacing(
        "token_file = \"\(World.folder)/secrets/forge_token\"",
        with: "token_file = \"\(place.folder)/forge_token\"\nbot = \"ccci-bot\"\nrepositories = [\"mirror/custom-html\"]")
    let own = "\n[drone]\nurl = \"\(drone.url)\"\ntoken_file = \"\(place.folder)/drone_token\"\nrepository = \"recipes/cc-ci\"\n"
    try Files.write(Array((text + own).utf8), to: "\(place.folder)/settings.toml")
    return ["CCCI_SETTINGS": "\(place.folder)/settings.toml", "CCCI_RUN_CAPACITY": ""]
  }

  /// What the bot has written below a pull request.
  private static func answers(_ gitea: Server, _ number: Int) async throws -> [String] {
    struct Comment: Decodable { var body: String }
    let bytes = try await gitea.ask("comments?repo=mirror/custom-html&number=\(number)&author=ccci-bot")
    return try JSONDecoder().decode([Comment].self, from: Data(bytes)).map(\.body)
  }
}

/// A stand-in for a server, with its control interface.
struct Server {
  let url: String
  let control: String
  let pid: Int32

  static func start(_ name: String, _ arguments: [String], in place: World.Installation) async throws -> Server {
    struct Hello: Decodable {
      var url: String
      var control: String
      var pid: Int32
    }
    try Files.createDirectory(place.folder)
    let hello = "\(place.folder)/\(name).json"
    let words = ["/usr/bin/python3", "-I", "\(World.root)/Tests/World/\(name)", "--stay"] + arguments
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    _ = try await World.shell("/bin/sh", ["-c", "setsid \(line) >'\(hello)' 2>'\(place.folder)/\(name).log' </dev/null &"])
    for _ in 0..<500 {
      let bytes = try Files.readIfPresent(hello) ?? []
      if bytes.contains(10) {
        let said = try JSONDecoder().decode(Hello.self, from: Data(bytes.prefix { $0 != 10 }))
        return Server(url: said.url, control: said.control, pid: said.pid)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Failure(.timedOut, "\(name): did not begin", why: String(decoding: try Files.read("\(place.folder)/\(name).log"), as: UTF8.self))
  }

  func stop() { kill(pid, SIGTERM) }

  func tell(_ call: String, _ value: [String: Any]) async throws {
    let response = try await World.host.send(HTTPRequest(.post, "\(control)/\(call)", body: Array(Self.json(value).utf8)))
    #expect(response.status == 200, "\(call): \(response.text)")
  }

  func ask(_ call: String) async throws -> [UInt8] {
    let response = try await World.host.send(HTTPRequest(.get, "\(control)/\(call)"))
    #expect(response.status == 200, "\(call): \(response.text)")
    return response.body
  }

  private static func json(_ value: Any) -> String {
    switch value {
    case let text as String: return String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    case let flag as Bool: return flag ? "true" : "false"
    case let number as Int: return "\(number)"
    case let list as [Any]: return "[\(list.map(json).joined(separator: ","))]"
    case let map as [String: Any]: return "{\(map.map { "\(json($0.key)):\(json($0.value))" }.joined(separator: ","))}"
    default: return "null"
    }
  }
}

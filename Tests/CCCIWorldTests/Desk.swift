import CCCICore
import FoundationEssentials
import Testing

/// What the poller works between: a Gitea, and a Drone whose runner runs the steps of our own `.drone.yml`.
enum Desk {
  /// The clone of this repository that Drone gives to a step: `tests/`, and the pipeline with the programs that were built here.
  static func source(in place: World.Installation) throws -> String {
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
  static func runner(_ place: World.Installation) -> [String] {
    let variables = ["PATH": World.variable("PATH") ?? "/usr/bin:/bin", "CCCI_SETTINGS": "\(place.folder)/settings.toml"]
    return variables.flatMap { ["--runner-env", "\($0.key)=\($0.value)"] }
  }

  static func people(_ gitea: Server, _ drone: Server, _ source: String) async throws {
    try await gitea.tell("users", ["login": "ccci-bot", "id": 2, "token": "bot-token-0123456789"])
    try await gitea.tell("users", ["login": "mira", "id": 41, "token": "mira-token-0123456789"])
    try await gitea.tell("orgs", ["name": "mirror", "members": ["mira": "public", "ccci-bot": "private"]])
    try await gitea.tell("adopt", ["git": "\(World.folder)/git", "public": ["coop-cloud"], "author": "mira"])
    try await drone.tell("users", ["login": "ccci-bot", "token": "drone-token-0123456789", "admin": true])
    let pipeline = String(decoding: try Files.read("\(source)/.drone.yml"), as: UTF8.self)
    try await drone.tell("repos", ["repo": "recipes/cc-ci", "config": pipeline])
  }

  /// The world's settings, with this forge and this Drone.
  static func settings(_ place: World.Installation, _ gitea: Server, _ drone: Server) throws -> [String: String] {
    try tokens(place)
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

  /// The bot's tokens, as files.
  static func tokens(_ place: World.Installation) throws {
    for (name, text) in [("forge", "bot-token-0123456789"), ("drone", "drone-token-0123456789")] {
      try Files.write(Array(text.utf8), to: "\(place.folder)/\(name)_token", mode: 0o600)
    }
  }
}

import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// A mistake, and what a new user must read: two lines, the right code, nothing left behind.
struct Mistake: Sendable, CustomTestStringConvertible {
  var name: String
  var code: ExitCode
  var arguments: [String]
  var changes: [String: String] = [:]
  /// Written into a recipe's folder of a temporary `tests/`.
  var recipeTOML: String?
  /// What the two lines must hold.
  var says: [String]
  var testDescription: String { name }

  static let short = "4be5"
  static let hostile = "--upload-pack=touch /tmp/ccci-hostile"

  static let smallNetwork = "ccci-test-small"

  static let all = [
    Mistake(name: "unknown recipe", code: .noInput, arguments: ["no-such-recipe"], says: ["no-such-recipe", "no such recipe"]),
    Mistake(name: "no recipe at all", code: .usage, arguments: [], says: ["no recipe named"]),
    Mistake(name: "recipe name that leaves its folder", code: .usage, arguments: ["../etc"], says: ["no recipe name"]),
    Mistake(
      name: "short REF", code: .usage, arguments: ["custom-html"], changes: ["REF": short], says: ["no full commit id", "git rev-parse"]),
    Mistake(name: "hostile REF", code: .usage, arguments: ["custom-html"], changes: ["REF": hostile], says: ["no full commit id"]),
    Mistake(name: "REF of two lines", code: .usage, arguments: ["custom-html"], changes: ["REF": "a\nb"], says: ["no full commit id"]),
    Mistake(
      name: "commit that nobody has", code: .unavailable, arguments: ["custom-html", "--ref", String(repeating: "ab", count: 20)],
      says: ["head abababab cannot be fetched"]),
    Mistake(name: "pull request without commit", code: .usage, arguments: ["custom-html", "--pr", "1"], says: ["--ref"]),
    Mistake(name: "SRC on this host", code: .usage, arguments: ["custom-html", "--src", "file:///etc"], says: ["no https address"]),
    Mistake(
      name: "SRC with a password", code: .usage, arguments: ["custom-html", "--src", "https://u:p@git.example/x"], says: ["credential"]),
    Mistake(
      name: "version that is not published", code: .noInput, arguments: ["custom-html", "--version", "1.2.1+1.27.2"],
      says: ["did you mean 1.2.0+1.27.2?"]),
    Mistake(
      name: "tier that is none", code: .usage, arguments: ["custom-html", "--tiers", "install,upgrad"], says: ["did you mean upgrade?"]),
    Mistake(
      name: "unknown key in recipe.toml", code: .badData, arguments: ["custom-html"], recipeTOML: "helth_path = \"/\"\n",
      says: ["custom-html/recipe.toml", "helth_path", "did you mean health_path?"]),
    Mistake(
      name: "wrong type in recipe.toml", code: .badData, arguments: ["custom-html"], recipeTOML: "health_ok = \"200\"\n",
      says: ["health_ok", "list of whole numbers"]),
    Mistake(
      name: "recipe.toml that does not parse", code: .badData, arguments: ["custom-html"], recipeTOML: "health_path = \n",
      says: ["custom-html/recipe.toml"]),
    Mistake(
      name: "settings with a wrong type", code: .badData, arguments: ["custom-html"], changes: ["CCCI_RUN_CAPACITY": "many"],
      says: ["run.capacity", "whole number"]),
    Mistake(
      name: "settings that are not there", code: .config, arguments: ["custom-html"], changes: ["CCCI_SETTINGS": "/no/such.toml"],
      says: ["/no/such.toml"]),
    Mistake(
      name: "engine that does not run", code: .unavailable, arguments: ["custom-html"],
      changes: ["CCCI_HOST_ENGINE": "/run/no-engine.sock"],
      says: ["docker engine", "/run/no-engine.sock"]),
    Mistake(
      name: "abra that is not there", code: .config, arguments: ["custom-html"], changes: ["CCCI_HOST_ABRA": "/no/abra"],
      says: ["abra", "/no/abra"]),
    Mistake(
      name: "abra that is something else", code: .config, arguments: ["custom-html"], changes: ["CCCI_HOST_ABRA": "/bin/true"],
      says: ["abra", "/bin/true"]),
    Mistake(
      name: "proxy network that is not there", code: .config, arguments: ["custom-html"], changes: ["CCCI_HOST_PROXY": "no-proxy"],
      says: ["network no-proxy", "docker network create"]),
    Mistake(
      name: "proxy network with too few addresses", code: .config, arguments: ["custom-html"], changes: ["CCCI_HOST_PROXY": smallNetwork],
      says: ["network \(smallNetwork): is too small", "10.67.0.0/28", "docker network rm", "docker network create"]),
    Mistake(
      name: "a host tool that is missing", code: .config, arguments: ["custom-html"], changes: ["PATH": "/nonexistent"],
      says: ["git: not on PATH", "apt-get install git"]),
    Mistake(
      name: "git's configuration from outside", code: .config, arguments: ["custom-html"], changes: ["GIT_CONFIG_COUNT": "1"],
      says: ["GIT_CONFIG_COUNT: is set from outside", "unset GIT_CONFIG_COUNT"]),
    Mistake(
      name: "repository that does not answer", code: .unavailable,
      arguments: ["custom-html", "--src", "https://git.ci.localhost:9/coop-cloud/custom-html.git"], says: ["does not answer"]),
    Mistake(
      name: "a quick run of what has no canonical", code: .noInput, arguments: ["custom-html", "--quick"],
      says: ["no canonical: run cold first", "--or-cold"]),
    Mistake(
      name: "a run record that exists", code: .tryAgain, arguments: ["custom-html", "--run-id", "taken"], says: ["has a record already"]),
  ]
}

@Suite("Bad input", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct BadInputTests {
  @Test("a mistake gets two lines and its code, and nothing is left", arguments: Mistake.all)
  func mistake(_ mistake: Mistake) async throws {
    let folder = "\(World.folder)/\(World.unique("mistake"))"
    try Files.createDirectory("\(folder)/runs/taken")
    defer { _ = try? Files.removeTree(folder) }
    var arguments = mistake.arguments
    if let text = mistake.recipeTOML {
      try Files.createDirectory("\(folder)/tests/custom-html")
      try Files.write(Array(text.utf8), to: "\(folder)/tests/custom-html/recipe.toml")
      arguments += ["--tests", "\(folder)/tests"]
    }
    let isSmall = mistake.changes["CCCI_HOST_PROXY"] == Mistake.smallNetwork
    if isSmall {
      _ = try await World.shell(
        "docker", ["network", "create", "--driver", "overlay", "--subnet", "10.67.0.0/28", "--attachable", Mistake.smallNetwork])
    }
    let run = try await World.run(
      arguments, with: ["CCCI_HOST_RUNS": "\(folder)/runs", "CCCI_HOST_SHELF": "\(folder)/shelf"].merging(mistake.changes) { $1 })
    if isSmall { _ = try await World.shell("docker", ["network", "rm", Mistake.smallNetwork]) }
    #expect(run.status == mistake.code.status, "\(run)")
    try #require(run.message.count == 2, "\(run)")
    #expect(run.message[1].hasPrefix("hint: "))
    for words in mistake.says { #expect(run.message.joined(separator: " ").contains(words), "\(run)") }
    #expect(run.message.allSatisfy { !$0.hasSuffix(".") })
    #expect(try halfWritten(in: "\(folder)/runs").isEmpty)
    #expect(try Files.status("/tmp/ccci-hostile") == nil)
    for id in try Files.list("\(folder)/runs") {
      #expect(!(try World.calls(of: id)).contains { $0.contains("new") || $0.contains("deploy") })
    }
  }

  @Test("compose that does not parse stops the run with file and line, before anything is created")
  func brokenCompose() async throws {
    let id = World.unique("compose")
    let target = try await World.pullRequest("compose-broken", 1)
    let run = try await World.run(target + ["--run-id", id])
    #expect(run.status == 65, "\(run)")
    #expect(run.message.count == 2 && run.message[0].contains("compose.yml: line "), "\(run)")
    let results = try World.results(id)
    #expect(results.exitCode == 65 && results.verdict == .unjudged)
    #expect(!(try World.calls(of: id)).contains { $0.contains("new") || $0.contains("deploy") })
  }

  @Test("a full disk under the run directory stops the run, and no file is left half-written")
  func fullDisk() async throws {
    let mount = "\(World.folder)/\(World.unique("full"))"
    try Files.createDirectory(mount)
    _ = try await World.shell("mount", ["-t", "tmpfs", "-o", "size=2m", "ccci-full", mount])
    defer { release(mount) }
    let target = ["custom-html", "--ref", try await World.release("custom-html", "1.2.0+1.27.2"), "--tiers", "install"]
    let refused = try await World.run(target, with: ["CCCI_HOST_RUNS": "\(mount)/runs"])
    #expect(refused.status == 74 && refused.message.count == 2 && refused.message[0].contains("no space for a run"), "\(refused)")
    // With the floor taken away, the disk runs full in the middle of the checkout or later.
    try Files.write([UInt8](repeating: 120, count: 1_750_000), to: "\(mount)/filling")
    let id = World.unique("full")
    let run = try await World.run(
      target + ["--run-id", id],
      with: ["CCCI_HOST_RUNS": "\(mount)/runs", "CCCI_RUN_DISK_FLOOR": "0", "CCCI_RUN_DISK_REFUSE": "100"])
    #expect(run.status == 74, "\(run)")
    #expect(run.message.suffix(2).joined().contains("no space"), "\(run)")
    #expect(try halfWritten(in: "\(mount)/runs").isEmpty)
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  /// At once for everybody who looks, and for good when the guard of the last run has closed its log.
  private func release(_ mount: String) {
    let detach: Int32 = 2
    #expect(umount2(mount, detach) == 0)
    #expect(rmdir(mount) == 0)
  }

  /// Temporary files of a write that did not end, and JSON that does not parse.
  private func halfWritten(in folder: String) throws -> [String] {
    var found: [String] = []
    for id in try Files.list(folder) {
      for name in try Files.list("\(folder)/\(id)") where name.hasSuffix(".tmp") { found.append("\(id)/\(name)") }
      let directory = RunDirectory(runs: folder, id: id)
      if (try? (directory.readRecord(), directory.readResults())) == nil { found.append("\(id): does not parse") }
    }
    return found
  }
}

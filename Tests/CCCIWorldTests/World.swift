import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// The raised world, and the built commands in it. Everything is real but abra.
enum World {
  /// Set by `scripts/test` once the world is up.
  static let isUp = getenv("CCCI_WORLD_TESTS") != nil

  static var folder: String { variable("CCCI_WORLD") ?? "/var/tmp/ccci-world" }

  static let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

  /// How a command ended.
  struct Outcome {
    var status: Int32
    var output: String
    var error: String

    /// The last lines of standard error that the command itself says, without its name.
    var message: [String] {
      error.split(separator: "\n").filter { $0.hasPrefix("ccci-") }.map { String($0.drop { $0 != " " }.dropFirst()) }
    }
  }

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// The environment of an operator's shell in the world, with changes; an empty value removes a variable.
  static func environment(_ changes: [String: String] = [:]) -> [String: String] {
    var environment: [String: String] = [:]
    for name in ["PATH", "HOME", "CCCI_SETTINGS", "TMPDIR"] { environment[name] = variable(name) }
    // Mostly waiting: more runs at once than the world's own settings say keep two processors busy.
    environment["CCCI_RUN_CAPACITY"] = "4"
    environment.merge(changes) { $1 }
    return environment.filter { !$0.value.isEmpty }
  }

  static let host = Host.live()

  /// Where one installation of cc-ci keeps its state. The world has one, which the tests share; a test whose dead runs must not be reaped by
  /// the janitors of other tests' runs makes one of its own. Only the swarm and the servers folder are the same.
  struct Installation {
    var name: String?

    /// One that nobody else uses.
    static func own(_ name: String) -> Installation { Installation(name: World.unique(name)) }

    var folder: String { name.map { "\(World.folder)/installations/\($0)" } ?? World.folder }
    var runs: String { "\(folder)/runs" }
    var locks: String { "\(folder)/lock" }

    var environment: [String: String] {
      guard name != nil else { return [:] }
      return ["CCCI_HOST_SHELF": "\(folder)/shelf", "CCCI_HOST_RUNS": runs, "CCCI_HOST_LOCK": locks]
    }
  }

  /// Runs one of the built commands to its end.
  ///
  /// - Parameter atOnce: now, however many runs there are.
  static func run(
    _ arguments: [String], command: String = "ccci-run", in directory: String? = nil, with changes: [String: String] = [:],
    limit: Duration = .seconds(400), atOnce: Bool = false
  ) async throws -> Outcome {
    let isRun = command == "ccci-run" && arguments.first != "plan" && !atOnce
    if isRun { await places.take() }
    defer { if isRun { places.leave() } }
    let result = try await host.run(
      Command("\(binaries)/\(command)", arguments, environment: environment(changes), directory: directory ?? root, limit: limit))
    let status: Int32 =
      switch result.status {
      case .exited(let code): code
      case .signaled(let signal): -signal
      case .timedOut: -1
      }
    let outcome = Outcome(status: status, output: result.text, error: result.errorText)
    if let place = arguments.firstIndex(of: "--run-id"), place + 1 < arguments.count {
      outcomes.withLock { $0[arguments[place + 1]] = outcome }
    }
    return outcome
  }

  /// What the commands said that were given a run's id.
  private static let outcomes = Locked<[String: Outcome]>([:])

  /// More runs at once only make each other late, and some tests look at the clock.
  private static let places = Places(6)

  /// The newest release of custom-html has one domain, whoever tests it: another installation's run of it would be somebody else's app.
  static let newest = Places(1)

  final class Places: Sendable {
    private let state: Locked<(free: Int, waiting: [CheckedContinuation<Void, Never>])>

    init(_ count: Int) { state = Locked((count, [])) }

    func take() async {
      await withCheckedContinuation { continuation in
        let isFree = state.withLock { state in
          guard state.free == 0 else {
            state.free -= 1
            return true
          }
          state.waiting.append(continuation)
          return false
        }
        if isFree { continuation.resume() }
      }
    }

    func leave() {
      let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
        if state.waiting.isEmpty { state.free += 1 }
        return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
      }
      next?.resume()
    }
  }

  /// Beside the test bundle, or where `CCCI_BINARIES` says.
  static var binaries: String { variable("CCCI_BINARIES") ?? "\(root)/.build/debug" }

  static func shell(_ program: String, _ arguments: [String]) async throws -> String {
    let result = try await host.run(Command(program, arguments, environment: environment(), limit: .seconds(60)))
    try #require(result.ok, "\(program) \(arguments): \(result.errorText)")
    return result.text
  }

  /// The head of a sample recipe's pull request.
  static func head(_ recipe: String, pr: Int) async throws -> String {
    let text = try await shell("git", ["-C", "\(folder)/git/mirror/\(recipe).git", "rev-parse", "refs/pull/\(pr)/head"])
    return String(text.prefix { !$0.isNewline })
  }

  /// The commit of a sample recipe's release.
  static func release(_ recipe: String, _ version: String) async throws -> String {
    let text = try await shell("git", ["-C", "\(folder)/git/coop-cloud/\(recipe).git", "rev-parse", "\(version)^{commit}"])
    return String(text.prefix { !$0.isNewline })
  }

  /// The arguments that test a pull request of a sample recipe.
  static func pullRequest(_ recipe: String, _ pr: Int) async throws -> [String] {
    [
      recipe, "--ref", try await head(recipe, pr: pr), "--pr", "\(pr)", "--src",
      "https://git.ci.localhost:8443/mirror/\(recipe).git", "--tests", overlays,
    ]
  }

  /// A pull request that nobody else tests: the head of a sample recipe's first one, committed again. So its app's domain is its own.
  static func ownPullRequest(_ recipe: String, tests: String = "\(root)/tests") async throws -> [String] {
    let repository = "\(folder)/git/mirror/\(recipe).git"
    let name = ["-c", "user.name=tester", "-c", "user.email=tester@ci.localhost"]
    let head = try await head(recipe, pr: 1)
    let made = try await shell(
      "git", ["-C", repository] + name + ["commit-tree", "\(head)^{tree}", "-p", head, "-m", "again \(RandomID.hex(12))"])
    let commit = String(made.prefix { !$0.isNewline })
    let number = Int.random(in: 1_000...999_999)
    _ = try await shell("git", ["-C", repository, "update-ref", "refs/pull/\(number)/head", commit])
    return [
      recipe, "--ref", commit, "--pr", "\(number)", "--src", "https://git.ci.localhost:8443/mirror/\(recipe).git", "--tests", tests,
    ]
  }

  /// The same, with files of one's own on top: path → content; those below `tests/` that begin with `#!` are executable.
  static func ownPullRequest(_ recipe: String, tests: String, files: [String: String]) async throws -> [String] {
    var arguments = try await ownPullRequest(recipe, tests: tests)
    let repository = "\(folder)/git/mirror/\(recipe).git"
    let clone = "\(folder)/\(unique("clone"))"
    defer { _ = try? Files.removeTree(clone) }
    let commit = arguments[2]
    _ = try await shell("git", ["clone", "--quiet", "--no-checkout", repository, clone])
    _ = try await shell("git", ["-C", clone, "fetch", "--quiet", "origin", "refs/pull/\(arguments[4])/head"])
    _ = try await shell("git", ["-C", clone, "checkout", "--quiet", "--detach", commit])
    for (path, text) in files {
      try Files.createDirectory("\(clone)/\(path.split(separator: "/").dropLast().joined(separator: "/"))")
      try Files.write(Array(text.utf8), to: "\(clone)/\(path)", mode: text.hasPrefix("#!") ? 0o755 : 0o644)
    }
    _ = try await shell("git", ["-C", clone, "add", "--all"])
    let name = ["-c", "user.name=tester", "-c", "user.email=tester@ci.localhost"]
    _ = try await shell("git", ["-C", clone] + name + ["commit", "--quiet", "-m", "with files"])
    _ = try await shell("git", ["-C", clone, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/\(arguments[4])/head"])
    arguments[2] = String(try await shell("git", ["-C", clone, "rev-parse", "HEAD"]).prefix { !$0.isNewline })
    return arguments
  }

  /// Settings of the bad sample recipes; the good ones stand in `tests/`.
  static let overlays = "\(root)/Tests/World/overlays"

  /// What `results.json` of a run says.
  static func results(_ id: String, of installation: Installation = Installation()) throws -> Results {
    let directory = RunDirectory(runs: installation.runs, id: id)
    return try #require(try directory.readResults(), "\(id) has no results: \(outcomes.withLock { $0[id].map { "\($0)" } } ?? "")")
  }

  static func unique(_ name: String) -> String { "t-\(name)-\(RandomID.hex(6))" }

  /// Waits for the record of a run that has got its locks.
  static func begun(_ id: String, of installation: Installation = Installation()) async throws -> RunRecord {
    try await record(id, of: installation, when: "its locks") { _ in true }
  }

  /// Waits until the record of a run is as it should be.
  static func record(
    _ id: String, of installation: Installation = Installation(), when what: String, within seconds: Int = 300,
    _ isSo: (RunRecord) -> Bool
  ) async throws -> RunRecord {
    let directory = RunDirectory(runs: installation.runs, id: id)
    for _ in 0..<(seconds * 100) {
      if let record = try directory.readRecord(), isSo(record) { return record }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Failure(.timedOut, "run \(id): never \(what)")
  }

  /// The guards of a run, by their command line.
  static func guards(of id: String) async throws -> [Int32] {
    try Files.list("/proc").compactMap { Int32($0) }.filter { process in
      guard let line = try? Files.read("/proc/\(process)/cmdline") else { return false }
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return words.contains("guard") && words.contains(id)
    }
  }

  /// What of an app stands on the swarm or in abra's folder.
  static func traces(of domain: String) async throws -> [String] {
    let engine = Engine(host: host, socket: "/var/run/docker.sock")
    return try await Leftovers.list(of: AppDomain(domain), env: "\(folder)/abra-home/servers/default/\(domain).env", engine: engine).names
  }

  /// The domain that a plan names.
  static func domain(_ arguments: [String]) async throws -> String {
    struct Plan: Decodable { var domain: String }
    let plan = try await run(["plan"] + arguments + ["--json"])
    return try JSONDecoder().decode(Plan.self, from: Data(plan.output.utf8)).domain
  }

  /// The calls of abra that a run made, as the stand-in logged them.
  static func calls(of id: String) throws -> [[String]] {
    struct Call: Decodable {
      var argv: [String]
      var abraDir: String?
      enum CodingKeys: String, CodingKey {
        case argv
        case abraDir = "abra_dir"
      }
    }
    let log = String(decoding: try Files.readIfPresent("\(folder)/abra-calls.jsonl") ?? [], as: UTF8.self)
    return try log.split(separator: "\n").compactMap { line in
      let call = try JSONDecoder().decode(Call.self, from: Data(line.utf8))
      return call.abraDir?.hasSuffix("/\(id)/abra") == true ? call.argv : nil
    }
  }
}

extension World.Outcome: CustomTestStringConvertible {
  var testDescription: String { "exit \(status)\n\(output)\n\(error)" }
}

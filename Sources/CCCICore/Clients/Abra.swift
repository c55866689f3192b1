/// The `abra` command line, driven as the abra reference's "Driver rules" say: always `-n`, argument vectors, `-C -o` on every call that
/// touches the recipe, a terminal where it wants one, its own time limits, and no success read from text.
public struct Abra: Sendable {
  public let programs: Programs
  public let program: String
  /// The private `ABRA_DIR`.
  public let directory: String
  public let server: String

  public init(programs: Programs, program: String, directory: String, server: String) {
    self.programs = programs
    self.program = program
    self.directory = directory
    self.server = server
  }

  /// How a call ended.
  public struct Answer: Sendable {
    public let result: CommandResult
    public var ok: Bool { result.ok }
    /// abra's last `FATA` line, on whichever stream, else its last words.
    public var reason: String {
      let both = TerminalText.tail(result.errorText, 40) + TerminalText.tail(result.text, 40)
      if result.status == .timedOut { return "no end after \(Int(result.seconds)) s" }
      let fatal = both.last { $0.hasPrefix("FATA ") }.map { String($0.dropFirst(5)) }
      return fatal ?? both.last ?? "no word of a reason (\(result.status))"
    }
    public var tail: [String] { TerminalText.tail(result.errorText, 10) + TerminalText.tail(result.text, 10) }
  }

  /// `abra version 0.13.0-beta-06a57de` → `0.13.0-beta-06a57de`. Older than 0.10 is refused.
  public func version() async throws(Failure) -> String {
    let answer: Answer
    do throws(Failure) { answer = try await call("version", ["--version"], in: "/", limit: .seconds(20)) } catch {
      if error == .cancelled { throw error }
      throw Failure(.config, "abra: cannot be run", why: error.sentence, next: "install abra 0.13, or point [host] abra at it")
    }
    let words = answer.result.text.split(whereSeparator: \.isWhitespace)
    guard answer.ok, words.count >= 3, words[0] == "abra", words[1] == "version" else {
      throw Failure(
        .config, "abra: \(program) is not abra", why: "asked for its version it says \"\(words.prefix(8).joined(separator: " "))\"",
        next: "install abra 0.13, or point [host] abra at it")
    }
    let numbers = words[2].split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
    guard numbers.count == 2, numbers[0] > 0 || numbers[1] >= 10 else {
      throw Failure(.config, "abra: version \(words[2]) is too old", next: "install abra 0.13")
    }
    return String(words[2])
  }

  /// Writes the app's `.env` from the recipe's sample, leaving the checkout alone.
  public func new(_ recipe: RecipeName, _ domain: AppDomain) async throws(Failure) -> Answer {
    try await call("app-new", ["app", "new", recipe.text, "-n", "-C", "-o", "-s", server, "-D", domain.text], limit: .seconds(120))
  }

  /// Deploys what is checked out, committed or not. abra applies and does not wait.
  public func deployCheckout(_ domain: AppDomain) async throws(Failure) -> Answer {
    try await call("app-deploy", ["app", "deploy", domain.text, "-n", "-C", "-o", "-D", "-f", "-c"], limit: .seconds(600))
  }

  /// Deploys a published version, pinned. abra checks it out again, lints, and demands an annotated tag and a clean tree.
  public func deploy(_ domain: AppDomain, _ version: RecipeVersion) async throws(Failure) -> Answer {
    try await call("app-deploy", ["app", "deploy", domain.text, version.text, "-n", "-o", "-D", "-f", "-c"], limit: .seconds(600))
  }

  public func undeploy(_ domain: AppDomain) async throws(Failure) -> Answer {
    try await call("app-undeploy", ["app", "undeploy", domain.text, "-n"], limit: .seconds(180))
  }

  /// Makes every missing secret of the app. The values are in the answer's output and in no log.
  public func generateSecrets(_ domain: AppDomain) async throws(Failure) -> Answer {
    try await call(
      "app-secret-generate", ["app", "secret", "generate", domain.text, "--all", "-m", "-n", "-C", "-o"], isSecret: true,
      limit: .seconds(120))
  }

  /// Stores the content of a file as a secret of the app, under its name in compose.
  public func insertSecret(_ domain: AppDomain, _ name: String, _ version: String, file: String) async throws(Failure) -> Answer {
    try await call(
      "app-secret-insert", ["app", "secret", "insert", domain.text, name, version, file, "-f", "-n", "-C", "-o"], limit: .seconds(60))
  }

  public func removeSecrets(_ domain: AppDomain) async throws(Failure) -> Answer {
    try await call("app-secret-remove", ["app", "secret", "remove", domain.text, "--all", "-n", "-C", "-o"], limit: .seconds(120))
  }

  public func removeVolumes(_ domain: AppDomain) async throws(Failure) -> Answer {
    try await call("app-volume-remove", ["app", "volume", "remove", domain.text, "-f", "-n"], limit: .seconds(120))
  }

  public func createBackup(_ domain: AppDomain, limit: Duration) async throws(Failure) -> Answer {
    try await call("app-backup-create", ["app", "backup", "create", domain.text, "-n", "-C", "-o"], terminal: true, limit: limit)
  }

  /// Puts `backup.tar.gz` with everything of the snapshot into `directory`.
  public func downloadBackup(_ domain: AppDomain, snapshot: String, into directory: String, limit: Duration) async throws(Failure) -> Answer
  {
    try await call(
      "app-backup-download", ["app", "backup", "download", domain.text, "-s", snapshot, "-n", "-C", "-o"], in: directory, terminal: true,
      limit: limit)
  }

  public func restore(_ domain: AppDomain, snapshot: String, limit: Duration) async throws(Failure) -> Answer {
    try await call("app-restore", ["app", "restore", domain.text, "-s", snapshot, "-n", "-C", "-o"], terminal: true, limit: limit)
  }

  /// Lints a recipe of this `ABRA_DIR` as it is checked out. Exit 0 even with failing rules: `AbraLint.read` judges the table.
  public func lint(_ recipe: RecipeName) async throws(Failure) -> Answer {
    try await call("recipe-lint", ["recipe", "lint", recipe.text, "-n", "-C", "-o"], terminal: true, limit: .seconds(60))
  }

  /// The snapshot id in the output of a backup: the first run of 8 to 64 hexadecimal digits behind the word "snapshot", where it was last said.
  /// Further numbers of the line are something else: `"snapshot_id":"4bba301e","total_bytes":123456789`.
  public static func snapshotID(in output: String) -> String? {
    var found: String?
    for line in TerminalText.plain(output).split(separator: "\n") {
      var rest = line[...]
      while let word = rest.firstRange(of: "snapshot") {
        rest = rest[word.upperBound...]
        let candidates = rest.split(whereSeparator: { !$0.isHexDigit && !$0.isLetter && $0 != "_" })
        let id = candidates.first { candidate in
          (8...64).contains(candidate.count) && candidate.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        found = id.map { String($0) } ?? found
      }
    }
    return found
  }

  private func call(
    _ name: String, _ arguments: [String], in folder: String? = nil, terminal: Bool = false, isSecret: Bool = false, limit: Duration
  ) async throws(Failure) -> Answer {
    let label = isSecret ? "abra-\(name)-secret" : "abra-\(name)"
    return Answer(
      result: try await programs.call(
        label, program, arguments, in: folder ?? directory, with: ["ABRA_DIR": directory, "TERM": terminal ? "xterm" : "dumb"],
        terminal: terminal, limit: limit))
  }
}

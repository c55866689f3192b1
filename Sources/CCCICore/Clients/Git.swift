import FoundationEssentials

/// git, on repositories that nobody trusts: no hooks, no prompts, no submodules, https only, the token in a variable and never on a command line.
public struct Git: Sendable {
  public let programs: Programs
  /// PEM file of the authorities to trust instead of the system's.
  public let authorities: String?
  /// The host that the token belongs to, such as `https://git.example.org/`, with the token.
  public let credential: (url: String, token: String)?

  public init(programs: Programs, authorities: String?, credential: (url: String, token: String)?) {
    self.programs = programs
    self.authorities = authorities
    self.credential = credential
  }

  /// Only https: a `file:`, `ext::` or ssh address of a caller could read this host or run a program.
  public static func checked(_ url: String) throws(Failure) -> String {
    let authority = url.dropFirst(8).prefix { $0 != "/" }
    let isPlain = url.utf8.allSatisfy { $0 > 32 && $0 < 127 } && url.utf8.count < 500
    guard url.hasPrefix("https://"), isPlain, !authority.isEmpty, !authority.hasPrefix("-") else {
      // What stands before an @ may be a password.
      let shown = url.contains("@") ? "…\(url.drop { $0 != "@" }.prefix(80))" : String(url.prefix(80))
      throw Failure(.usage, "src \"\(shown)\": is no https address", next: "give the https clone address of the repository")
    }
    guard !authority.contains("@") else {
      throw Failure(.usage, "src: carries a credential in its address", next: "remove it and set [forge] url and token_file")
    }
    return url
  }

  public func initialise(_ directory: String, origin: String) async throws(Failure) {
    try await must(["init", "-q", "-b", "main", directory], "cannot be made", limit: .seconds(20))
    try await must(["-C", directory, "remote", "add", "origin", origin], "cannot be made", limit: .seconds(20))
  }

  /// Fetches; nil when it worked, else git's reason.
  public func fetch(_ directory: String, from remote: String, _ refspecs: [String], tags: Bool) async throws(Failure) -> String? {
    let result = try await call(
      ["-C", directory, "fetch", "-q", "--no-recurse-submodules", "--force", tags ? "--tags" : "--no-tags", "--", remote] + refspecs,
      network: true,
      limit: .seconds(300))
    return result.ok ? nil : Self.reason(result)
  }

  /// The commit that a revision names, or nil.
  public func commit(_ directory: String, _ revision: String) async throws(Failure) -> CommitID? {
    let result = try await call(["-C", directory, "rev-parse", "--verify", "-q", "\(revision)^{commit}"], limit: .seconds(20))
    return result.ok ? CommitID(Self.line(result.text)) : nil
  }

  /// Checks a commit out, whatever lies in the way, and makes sure that it is there: `HEAD` read back.
  public func checkOut(_ directory: String, _ commit: CommitID) async throws(Failure) {
    try await must(
      ["-C", directory, "checkout", "-q", "-f", "--detach", commit.text], "cannot check out \(commit.short)", limit: .seconds(120))
    try await must(["-C", directory, "clean", "-q", "-ffdx"], "cannot be cleaned", limit: .seconds(120))
    guard try await self.commit(directory, "HEAD") == commit else {
      throw Failure(
        .bug, "\(directory): HEAD is not \(commit.short) after the checkout",
        next: "nobody else may use this checkout: look for another process")
    }
  }

  /// Every tag that is a version, with the commit it stands on; or every other ref below a folder such as `refs/x/`.
  public func releases(_ directory: String, in folder: String = "refs/tags/") async throws(Failure) -> [UpgradeBase.Release] {
    let format = "%(refname:lstrip=\(folder.count { $0 == "/" }))%09%(objecttype)%09%(objectname)%09%(*objectname)"
    let result = try await call(["-C", directory, "for-each-ref", "--format=\(format)", folder], limit: .seconds(20))
    guard result.ok else { throw Failure(.bug, "\(directory): tags cannot be listed", why: Self.reason(result)) }
    return result.text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, let version = RecipeVersion(parts[0]) else { return nil }
      let isAnnotated = parts[1] == "tag"
      guard let commit = CommitID(isAnnotated ? parts[3] : parts[2]) else { return nil }
      return UpgradeBase.Release(version: version, commit: commit, isAnnotated: isAnnotated)
    }
  }

  /// Every version tag of a repository, asked of it at this moment.
  public func releases(at remote: String) async throws(Failure) -> [UpgradeBase.Release] {
    let result = try await call(["ls-remote", "--tags", "--", remote], network: true, limit: .seconds(60))
    guard result.ok else {
      throw Failure(
        .unavailable, "\(remote): its tags cannot be read", why: Self.reason(result), next: "check the network and the git host")
    }
    var found: [RecipeVersion: UpgradeBase.Release] = [:]
    for line in result.text.split(separator: "\n") {
      let parts = line.split(separator: "\t").map(String.init)
      guard parts.count == 2, parts[1].hasPrefix("refs/tags/"), let commit = CommitID(parts[0]) else { continue }
      // The line of an annotated tag names the tag's own object; the next one, with ^{}, what it stands on.
      let isPeeled = parts[1].hasSuffix("^{}")
      guard let version = RecipeVersion(String(parts[1].dropFirst(10).dropLast(isPeeled ? 3 : 0))) else { continue }
      found[version] = UpgradeBase.Release(version: version, commit: commit, isAnnotated: isPeeled)
    }
    return found.values.sorted { $0.version < $1.version }
  }

  /// A clone that shares nothing with its source, with one commit checked out.
  public func copy(_ directory: String, to target: String, at commit: CommitID) async throws(Failure) {
    try await must(
      ["clone", "-q", "--no-hardlinks", "--no-checkout", directory, target], "cannot be copied", local: true, limit: .seconds(120))
    try await checkOut(target, commit)
  }

  /// The commit of the repository that a folder stands in, or nil outside of one.
  public func headOfRepository(around directory: String) async throws(Failure) -> CommitID? {
    let result = try await programs.call(
      "git-rev-parse", "git", ["-C", directory, "-c", "safe.directory=*", "rev-parse", "HEAD"], with: quiet(local: true),
      limit: .seconds(20))
    return result.ok ? CommitID(Self.line(result.text)) : nil
  }

  static func reason(_ result: CommandResult) -> String {
    if result.status == .timedOut { return "no end after \(Int(result.seconds)) s" }
    let lines = TerminalText.tail(result.errorText, 20)
    return lines.last { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") }.map { String($0.drop { $0 != ":" }.dropFirst(2)) } ?? lines.last
      ?? "exit \(result.status)"
  }

  private static func line(_ text: String) -> String { String(text.prefix { !$0.isNewline }) }

  private func must(_ arguments: [String], _ what: String, local: Bool = false, limit: Duration) async throws(Failure) {
    let result = try await call(arguments, local: local, limit: limit)
    guard result.ok else {
      throw Failure(.ioError, "git: checkout \(what)", why: Self.reason(result), next: "look at logs/ of the run record")
    }
  }

  private func call(_ arguments: [String], network: Bool = false, local: Bool = false, limit: Duration) async throws(Failure)
    -> CommandResult
  {
    let verb = arguments.first { !$0.hasPrefix("-") && !$0.hasPrefix("/") } ?? "git"
    var variables = quiet(local: local)
    if network { variables.merge(networkVariables()) { $1 } }
    return try await programs.call("git-\(verb)", "git", arguments, with: variables, limit: limit)
  }

  private func quiet(local: Bool) -> [String: String] {
    [
      "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
      "GIT_ALLOW_PROTOCOL": local ? "file" : "https",
      "GIT_CONFIG_COUNT": "3", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": "/dev/null", "GIT_CONFIG_KEY_1": "gc.auto",
      "GIT_CONFIG_VALUE_1": "0", "GIT_CONFIG_KEY_2": "advice.detachedHead", "GIT_CONFIG_VALUE_2": "false",
    ]
  }

  /// As Basic, with the token for a password: the only form that every version of Gitea takes for git. The token goes to its own host only, by git's own `http.<url>.extraHeader`, through the environment: a command line is visible to everyone.
  private func networkVariables() -> [String: String] {
    var variables: [String: String] = [:]
    if let authorities { variables["GIT_SSL_CAINFO"] = authorities }
    if let credential {
      variables["GIT_CONFIG_COUNT"] = "4"
      variables["GIT_CONFIG_KEY_3"] = "http.\(credential.url).extraHeader"
      variables["GIT_CONFIG_VALUE_3"] = "Authorization: Basic \(Data("ccci:\(credential.token)".utf8).base64EncodedString())"
    }
    return variables
  }
}

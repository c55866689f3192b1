/// A recipe's repository in a private `ABRA_DIR`, pinned to the commit under test.
public struct Checkout: Sendable {
  public let recipe: RecipeName
  public let directory: String
  public let head: CommitID
  /// The tag that was asked for or found, when no commit was given.
  public let release: UpgradeBase.Release?
  public let releases: [UpgradeBase.Release]
  /// Those of them that stand upstream, where people take them from: who opens a pull request cannot put one there.
  public let published: [UpgradeBase.Release]
  public let mainTip: CommitID?
  public let warnings: [String]

  /// What to test.
  public enum Target: Sendable, Hashable {
    /// One commit, of a pull request or not.
    case commit(CommitID, pr: Int?)
    case version(RecipeVersion)
    /// The newest published version.
    case latest

    /// The part of the app's domain that stands for it.
    public var what: String {
      switch self {
      case .commit(let commit, _): commit.text
      case .version(let version): version.text
      case .latest: "latest"
      }
    }

    public var pr: Int? {
      guard case .commit(_, let pr) = self else { return nil }
      return pr
    }
  }

  /// Where the repository lives.
  public struct Source: Sendable, Hashable {
    /// The repository that has the commit.
    public var src: String
    /// Where its published releases live; may be the same.
    public var upstream: String

    public init(src: String, upstream: String) {
      self.src = src
      self.upstream = upstream
    }
  }

  /// Clones, finds the commit, checks it out and reads `HEAD` back.
  ///
  /// Failures: `noInput` for an unknown recipe, version or no release at all; `unavailable` when the repository does not answer or the
  /// pull request's head is not the commit.
  public static func make(
    of recipe: RecipeName, from source: Source, at target: Target, in home: AbraHome, git: Git
  ) async throws(Failure) -> Checkout {
    let directory = home.recipe(recipe)
    let isUpstream = source.upstream == source.src
    let upstreamTags = "+refs/tags/*:refs/ccci/published/*"
    try await git.initialise(directory, origin: source.src)
    if let reason = try await git.fetch(
      directory, from: source.src, ["+refs/heads/*:refs/remotes/origin/*"] + (isUpstream ? [upstreamTags] : []), tags: true)
    {
      throw unreachable(recipe, source.src, reason)
    }
    var warnings: [String] = []
    if !isUpstream, let reason = try await git.fetch(directory, from: source.upstream, [upstreamTags], tags: true) {
      warnings.append("published releases of \(source.upstream) could not be read: \(reason)")
    }
    let releases = try await git.releases(directory)
    let (head, release) = try await find(target, releases: releases, recipe: recipe, source: source, directory: directory, git: git)
    try await git.checkOut(directory, head)
    try RecipeTree.check(directory, of: recipe)
    try RecipeTree.checkTexts(directory, of: recipe)
    let main = try await git.commit(directory, "refs/remotes/origin/main")
    let master = main == nil ? try await git.commit(directory, "refs/remotes/origin/master") : nil
    return Checkout(
      recipe: recipe, directory: directory, head: head, release: release, releases: releases,
      published: try await git.releases(directory, in: "refs/ccci/published/"), mainTip: main ?? master, warnings: warnings)
  }

  private static func find(
    _ target: Target, releases: [UpgradeBase.Release], recipe: RecipeName, source: Source, directory: String, git: Git
  ) async throws(Failure) -> (CommitID, UpgradeBase.Release?) {
    switch target {
    case .commit(let commit, let pr):
      try await fetchHead(commit, pr: pr, source: source, recipe: recipe, directory: directory, git: git)
      return (commit, nil)
    case .version(let version):
      guard let release = releases.first(where: { $0.version == version }) else {
        let near = Nearest.name(to: version.text, among: releases.map(\.version.text)).map { "did you mean \($0)? " } ?? ""
        throw Failure(
          .noInput, "\(recipe): no published version \(version)", next: "\(near)git ls-remote --tags \(source.upstream) lists them")
      }
      return (release.commit, release)
    case .latest:
      guard let newest = releases.max(by: { $0.version < $1.version }) else {
        throw Failure(
          .noInput, "\(recipe): no published version", why: "no tag of the form 1.2.3+4.5.6",
          next: "test a commit: ccci-run \(recipe) --ref SHA")
      }
      return (newest.commit, newest)
    }
  }

  /// Requires that the pull request's head is the commit, for up to 30 s (a push is not everywhere at once); then fetches the commit by its id.
  private static func fetchHead(
    _ commit: CommitID, pr: Int?, source: Source, recipe: RecipeName, directory: String, git: Git
  ) async throws(Failure) {
    var seen = "no such pull request"
    if let pr {
      for attempt in 0..<7 {
        if attempt > 0 { try await git.programs.host.sleep(.seconds(5)) }
        if let reason = try await git.fetch(directory, from: source.src, ["+refs/pull/\(pr)/head:refs/ccci/head"], tags: false) {
          seen = reason
          continue
        }
        let head = try await git.commit(directory, "refs/ccci/head")
        if head == commit { return }
        seen = "the head of pull request \(pr) is \(head?.short ?? "unknown")"
        // A commit that is already there is no newer push on its way: the pull request has moved on, and the run is for this one.
        if try await git.commit(directory, commit.text) != nil { return }
      }
    }
    if try await git.commit(directory, commit.text) != nil { return }
    guard let reason = try await git.fetch(directory, from: source.src, ["+\(commit):refs/ccci/head"], tags: false) else { return }
    throw Failure(
      .unavailable, "\(recipe): head \(commit.short) cannot be fetched", why: pr == nil ? reason : "\(seen); by its id: \(reason)",
      next: "check the commit and the pull request number at \(source.src)")
  }

  private static func unreachable(_ recipe: RecipeName, _ src: String, _ reason: String) -> Failure {
    let unknown = ["not found", "could not read Username", "does not exist", "error: 404"].contains { reason.contains($0) }
    return unknown
      ? Failure(.noInput, "\(recipe): no such recipe at \(src)", why: reason, next: "check the name, or give the repository with --src")
      : Failure(
        .unavailable, "\(recipe): \(src) does not answer", why: reason, next: "check the network and the git host, then run it again")
  }
}

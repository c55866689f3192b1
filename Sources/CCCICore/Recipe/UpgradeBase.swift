/// What the upgrade tier starts from.
public enum UpgradeBase: Sendable, Hashable {
  case version(RecipeVersion, commit: CommitID, because: String)
  case ref(CommitID, because: String)
  case skip(reason: Reason, because: String)

  /// A published version: a tag and the commit it stands on.
  public struct Release: Sendable, Hashable {
    public var version: RecipeVersion
    public var commit: CommitID
    /// Lightweight tags cannot be deployed pinned: abra's rule R014.
    public var isAnnotated: Bool

    public init(version: RecipeVersion, commit: CommitID, isAnnotated: Bool = true) {
      self.version = version
      self.commit = commit
      self.isAnnotated = isAnnotated
    }
  }

  /// The facts that the choice needs.
  public struct Question: Sendable {
    /// The commit under test and the version its label names, if it can be read.
    public var head: CommitID
    public var headVersion: RecipeVersion?
    /// Whether a commit was asked for. Without one the newest release is tested, and its base is strictly older.
    public var isPinned: Bool
    public var releases: [Release]
    public var mainTip: CommitID?
    /// The canonical's known-good, unless the settings skip canonicals.
    public var canonical: Release?
    public var isPlanned: Bool
    public var expectedNA: String?

    public init(
      head: CommitID, headVersion: RecipeVersion?, isPinned: Bool, releases: [Release], mainTip: CommitID?, canonical: Release? = nil,
      isPlanned: Bool = true, expectedNA: String? = nil
    ) {
      self.head = head
      self.headVersion = headVersion
      self.isPinned = isPinned
      self.releases = releases
      self.mainTip = mainTip
      self.canonical = canonical
      self.isPlanned = isPlanned
      self.expectedNA = expectedNA
    }
  }

  public static func resolve(_ question: Question) -> UpgradeBase {
    guard question.isPlanned else { return .skip(reason: .structural, because: "upgrade is not among the tiers") }
    if let reason = question.expectedNA { return .skip(reason: .declared, because: reason) }
    guard let head = question.headVersion else {
      if let newest = question.releases.filter({ $0.commit != question.head }).max(by: older) {
        return .version(newest.version, commit: newest.commit, because: "the head names no version: newest published release")
      }
      return branch(question)
    }
    let eligible = question.releases.filter { $0.commit != question.head && (question.isPinned ? $0.version <= head : $0.version < head) }
    let canonical = question.canonical.flatMap {
      $0.commit != question.head && (question.isPinned ? $0.version <= head : $0.version < head) ? $0 : nil
    }
    let newest = eligible.max(by: older)
    if let canonical, canonical.version >= newest?.version ?? canonical.version {
      return .version(canonical.version, commit: canonical.commit, because: "the canonical's known-good")
    }
    guard let newest else { return branch(question) }
    return .version(
      newest.version, commit: newest.commit,
      because: newest.version == head ? "the release people run: same version, other commit" : "newest release before \(head)")
  }

  /// The release before a base that did not install.
  public static func older(than version: RecipeVersion, among releases: [Release], head: CommitID) -> Release? {
    releases.filter { $0.version < version && $0.commit != head }.max(by: older)
  }

  private static func older(_ left: Release, _ right: Release) -> Bool { left.version < right.version }

  private static func branch(_ question: Question) -> UpgradeBase {
    if question.isPinned, let tip = question.mainTip, tip != question.head {
      return .ref(tip, because: "no older release: tip of the main branch")
    }
    return .skip(reason: .structural, because: "no predecessor")
  }

  public var commit: CommitID? {
    switch self {
    case .version(_, let commit, _): commit
    case .ref(let commit, _): commit
    case .skip: nil
    }
  }

  public var because: String {
    switch self {
    case .version(_, _, let because), .ref(_, let because), .skip(_, let because): because
    }
  }

  /// As results carry it: `version`, `ref`, `skip`.
  public var kind: String {
    switch self {
    case .version: "version"
    case .ref: "ref"
    case .skip: "skip"
    }
  }
}

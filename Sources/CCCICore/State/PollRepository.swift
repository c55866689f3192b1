public import FoundationEssentials

/// `poll/<owner>/<repo>.json`: how far one repository has been read.
public struct PollRepository: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  public var owner: String
  public var repo: String
  /// Everything that was last changed before it has been read. The server's clock.
  public var cursor: Date
  /// When it was first read; what is older was never asked of us.
  public var enrolled: Date
  /// The newest comment of that moment: it and those before it trigger nothing.
  public var floor: Int
  /// When it was last read as a whole.
  public var swept: Date
  /// Comment id → what became of it. Those that cannot come again are forgotten.
  public var seen: [String: Seen] = [:]
  /// Pull request → when somebody was last told there that he may not.
  public var denials: [String: Date] = [:]
  /// Why it cannot be read, since when.
  public var trouble: PollTrouble?
  /// Digest of the token that may not set commit statuses here.
  public var statusesOff: String?

  public struct Seen: Sendable, Equatable, Codable {
    /// A word: `nothing`, `edited`, `baseline`, a verb.
    public var became: String
    /// When the comment was last changed.
    public var at: Date

    public init(became: String, at: Date) {
      self.became = became
      self.at = at
    }
  }

  enum CodingKeys: String, CodingKey {
    case schema, owner, repo, cursor, enrolled, floor, swept, seen, denials, trouble
    case statusesOff = "statuses_off"
  }

  public init(owner: String, repo: String, now: Date) {
    self.owner = owner
    self.repo = repo
    cursor = now
    enrolled = now
    floor = 0
    swept = now
  }

  public var slug: String { "\(owner)/\(repo)" }
}

/// Something that does not work, as `status` shows it.
public struct PollTrouble: Sendable, Equatable, Codable {
  public var says: String
  /// The remedy.
  public var hint: String
  public var since: Date

  public init(_ failure: Failure, since: Date) {
    says = failure.sentence
    hint = failure.hint
    self.since = since
  }

  /// The same trouble again keeps its beginning.
  public static func next(_ old: PollTrouble?, _ failure: Failure, now: Date) -> PollTrouble {
    let new = PollTrouble(failure, since: now)
    return old?.says == new.says && old?.hint == new.hint ? old ?? new : new
  }
}

public import FoundationEssentials

/// `poll/triggers/<comment id>.json`: one comment that asks for something, from the first sight of it to its answer.
public struct PollTrigger: Sendable, Equatable, Codable, StateFile {
  public enum State: String, Sendable, Equatable, Codable, CaseIterable {
    /// Found, and on disk; nobody has looked at who wrote it.
    case seen
    /// May be done, for the commit `sha`; no build was asked for, or it is certain that none was made.
    case accepted
    /// A build is about to be made, or may have been.
    case intent
    /// `build` is made.
    case building
    /// Nothing more will happen but the answer; `ending` says what came of it.
    case ended
    /// Answered, or nothing is to be answered.
    case reported
  }

  /// What came of a trigger.
  public enum Ending: String, Sendable, Equatable, Codable, CaseIterable {
    /// No run, by a decision: see `reason`.
    case refused
    /// No run, since it could not be started: see `reason`.
    case failed
    /// Another build does the same already.
    case joined
    /// A command other than `!testme`, done.
    case answered
    /// The build is over.
    case finished
    case cancelled
  }

  /// Our comment below the pull request.
  public struct Reply: Sendable, Equatable, Codable {
    /// nil until it is known.
    public var id: Int?
    /// Written before it was posted: it may be there, though we do not know its id.
    public var intended: Date?
    /// How often it was looked for since, and not found.
    public var misses = 0
    public var edited: Date?
    /// SHA-256 of the text that stands there.
    public var digest: String?
    /// How often somebody deleted it.
    public var lost = 0
    /// The server does not take it, for good: why.
    public var refused: String?

    public init() {}
  }

  public struct Step: Sendable, Equatable, Codable {
    public var state: State
    public var at: Date
    public var says: String

    public init(state: State, at: Date, says: String) {
      self.state = state
      self.at = at
      self.says = says
    }
  }

  public var schema = 1
  /// `host/owner/repo#n@comment id`.
  public var key: String
  public var owner: String
  public var repo: String
  public var pr: Int
  public var comment: Int
  public var user: Int
  public var login: String
  /// When the comment was written, by the server's clock.
  public var created: Date
  public var order: PollOrder
  public var state = State.seen
  public var ending: Ending?
  /// One sentence for people; may hold what an outside server said.
  public var reason: String?
  /// The one commit that the permission is for.
  public var sha: String?
  /// Number of the build in Drone.
  public var build: Int?
  /// When the last build was asked for.
  public var intended: Date?
  /// Since when it is not known whether there is a build.
  public var doubted: Date?
  /// How often it was searched for since.
  public var searches = 0
  /// How many builds were asked for.
  public var attempts = 0
  /// Nothing is done before.
  public var next: Date?
  /// Who cancelled it.
  public var cancelledBy: String?
  /// It was looked once more whether the commit was pushed after the comment.
  public var isRechecked = false
  /// Whether the answer is said at all: a second refusal on one day is not.
  public var isSilent = false
  public var reply = Reply()
  /// The state that the head's commit status has.
  public var status: String?
  public var history: [Step]

  enum CodingKeys: String, CodingKey {
    case schema, key, owner, repo, pr, comment, user, login, created, order, state, ending, reason, sha, build, intended, doubted, searches
    case attempts, next, reply, status, history
    case cancelledBy = "cancelled_by"
    case isRechecked = "rechecked"
    case isSilent = "silent"
  }

  public init(
    host: String, owner: String, repo: String, pr: Int, comment: Int, user: Int, login: String, created: Date, order: PollOrder, now: Date
  ) {
    key = "\(host)/\(owner)/\(repo)#\(pr)@\(comment)"
    self.owner = owner
    self.repo = repo
    self.pr = pr
    self.comment = comment
    self.user = user
    self.login = login
    self.created = created
    self.order = order
    history = [Step(state: .seen, at: now, says: "\(order.verb.rawValue)\(order.flags)")]
  }

  /// When we first saw it, by our own clock.
  public var seen: Date { history.first?.at ?? created }

  public var slug: String { "\(owner)/\(repo)" }

  public mutating func enter(_ state: State, at now: Date, _ says: String) {
    self.state = state
    history.append(Step(state: state, at: now, says: says))
    // A poisoned one must not grow for ever.
    if history.count > 100 { history.removeSubrange(1..<(history.count - 99)) }
  }

  public mutating func end(_ ending: Ending, at now: Date, _ reason: String) {
    self.ending = ending
    self.reason = reason
    enter(.ended, at: now, "\(ending.rawValue): \(reason)")
  }
}

public import FoundationEssentials

/// `poll/.poll.json`: what a pass must know of the one before, beside repositories and triggers.
public struct PollMemory: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  /// Host → how it has been answering.
  public var hosts: [String: Health] = [:]
  /// Service (`gitea`, `drone`) → who the token is.
  public var tokens: [String: Token] = [:]
  /// Owner → how far the change feed has been read.
  public var feeds: [String: Feed] = [:]
  /// Repositories that could not be read when they should have been.
  public var owed: Set<String> = []
  /// What is wrong beside repositories, by a fixed name: `bot`, `drone`.
  public var troubles: [String: PollTrouble] = [:]
  /// Recipe → seconds of its last green runs.
  public var durations: [String: [Int]] = [:]
  /// Repository → digest of the address and secret of the hook that was made there.
  public var hooks: [String: String] = [:]
  /// The clocks when all repositories were last read that are not owed.
  public var clocks: PollClocks?
  /// When the last pass ended.
  public var passed: Date?
  /// When old triggers were last removed.
  public var tidied: Date?

  public struct Health: Sendable, Equatable, Codable {
    /// In a row.
    public var failures: Int
    /// Nothing is asked of it before.
    public var until: Date?
    public var says: String
    public var since: Date

    public init(failures: Int, until: Date?, says: String, since: Date) {
      self.failures = failures
      self.until = until
      self.says = says
      self.since = since
    }
  }

  public struct Token: Sendable, Equatable, Codable {
    /// SHA-256 of the token and what it was checked against.
    public var digest: String
    public var id: Int
    public var login: String
    public var checked: Date

    public init(digest: String, id: Int, login: String, checked: Date) {
      self.digest = digest
      self.id = id
      self.login = login
      self.checked = checked
    }
  }

  public struct Feed: Sendable, Equatable, Codable {
    public var cursor: Date
    /// The clocks when it was last read; nil when the server does not tell its own.
    public var clocks: PollClocks?
    /// `repo#n` → the state in which its comments were last read.
    public var pulls: [String: Mark] = [:]

    public struct Mark: Sendable, Equatable, Codable {
      public var updated: Date
      public var comments: Int

      public init(updated: Date, comments: Int) {
        self.updated = updated
        self.comments = comments
      }
    }

    public init(cursor: Date) { self.cursor = cursor }
  }

  public init() {}
}

/// The server's clock and ours at one answer.
public struct PollClocks: Sendable, Equatable, Codable {
  public var server: Date
  public var local: Date

  public init(server: Date, local: Date) {
    self.server = server
    self.local = local
  }

  /// Seconds that the server's is before ours.
  public var skew: Double { server.timeIntervalSince(local) }

  /// What they show at another moment of ours, if neither steps.
  public func at(_ local: Date) -> PollClocks { PollClocks(server: local.addingTimeInterval(skew), local: local) }
}

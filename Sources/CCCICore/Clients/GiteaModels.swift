public import FoundationEssentials

/// Somebody with an account. A deleted one is `Ghost` with the id -1.
public struct GiteaUser: Sendable, Equatable, Decodable {
  public var id: Int
  public var login: String

  public init(id: Int, login: String) {
    self.id = id
    self.login = login
  }
}

/// A comment below an issue or a pull request. Reviews and descriptions are none.
public struct GiteaComment: Sendable, Equatable, Decodable {
  public var id: Int
  public var body: String
  public var user: GiteaUser
  /// Who wrote it where it was taken over from; empty for one that was written here.
  public var originalAuthor: String
  public var created: Date
  public var updated: Date
  /// nil below a plain issue.
  public var pull: Int?

  enum CodingKeys: String, CodingKey {
    case id, body, user
    case originalAuthor = "original_author"
    case created = "created_at"
    case updated = "updated_at"
    case pull = "pull_request_url"
  }

  public init(id: Int, body: String, user: GiteaUser, originalAuthor: String = "", created: Date, updated: Date, pull: Int?) {
    self.id = id
    self.body = body
    self.user = user
    self.originalAuthor = originalAuthor
    self.created = created
    self.updated = updated
    self.pull = pull
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(Int.self, forKey: .id)
    body = try values.decodeIfPresent(String.self, forKey: .body) ?? ""
    user = try values.decodeIfPresent(GiteaUser.self, forKey: .user) ?? GiteaUser(id: -1, login: "Ghost")
    originalAuthor = try values.decodeIfPresent(String.self, forKey: .originalAuthor) ?? ""
    created = try values.decode(Date.self, forKey: .created)
    updated = try values.decodeIfPresent(Date.self, forKey: .updated) ?? created
    // The URL of a page: its last part is the number.
    let page = try values.decodeIfPresent(String.self, forKey: .pull) ?? ""
    pull = page.split(separator: "/").last.flatMap { Int($0) }
  }
}

/// A pull request, as far as a run of it is concerned. Its branch's name, title and text are hostile, and not read.
public struct GiteaPull: Sendable, Equatable, Decodable {
  public var number: Int
  public var state: String
  public var merged: Bool
  public var head: Head

  /// Where the branch points.
  public struct Head: Sendable, Equatable, Decodable {
    public var sha: String
  }

  public var isOpen: Bool { state == "open" && !merged }

  enum CodingKeys: String, CodingKey { case number, state, merged, head }

  public init(number: Int, state: String, merged: Bool, sha: String) {
    self.number = number
    self.state = state
    self.merged = merged
    head = Head(sha: sha)
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    number = try values.decode(Int.self, forKey: .number)
    state = try values.decode(String.self, forKey: .state)
    merged = try values.decodeIfPresent(Bool.self, forKey: .merged) ?? false
    head = try values.decode(Head.self, forKey: .head)
  }
}

/// A line of a pull request's history.
public struct GiteaEvent: Sendable, Equatable, Decodable {
  public var id: Int
  /// `pull_push` is the one that counts.
  public var type: String
  public var body: String
  public var created: Date

  enum CodingKeys: String, CodingKey {
    case id, type, body
    case created = "created_at"
  }

  public init(id: Int, type: String, body: String, created: Date) {
    self.id = id
    self.type = type
    self.body = body
    self.created = created
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(Int.self, forKey: .id)
    type = try values.decodeIfPresent(String.self, forKey: .type) ?? ""
    body = try values.decodeIfPresent(String.self, forKey: .body) ?? ""
    created = try values.decode(Date.self, forKey: .created)
  }

  /// The commits of a push: for a forced one the old head and the new.
  public var pushed: [String] {
    struct Push: Decodable {
      var commitIDs: [String]?
      enum CodingKeys: String, CodingKey { case commitIDs = "commit_ids" }
    }
    do throws(Failure) {
      return try JSONCoding.decode(Push.self, from: Array(body.utf8), path: "").commitIDs ?? []
    } catch { return [] }
  }
}

/// A row of the change feed.
public struct GiteaIssue: Sendable, Equatable, Decodable {
  public var number: Int
  public var updated: Date
  public var comments: Int
  public var repository: Repository?

  public struct Repository: Sendable, Equatable, Decodable {
    public var fullName: String

    enum CodingKeys: String, CodingKey { case fullName = "full_name" }
  }

  enum CodingKeys: String, CodingKey {
    case number, comments, repository
    case updated = "updated_at"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    number = try values.decode(Int.self, forKey: .number)
    updated = try values.decode(Date.self, forKey: .updated)
    comments = try values.decodeIfPresent(Int.self, forKey: .comments) ?? 0
    repository = try values.decodeIfPresent(Repository.self, forKey: .repository)
  }
}

/// What a commit's mark says.
public struct GiteaStatus: Sendable, Equatable, Encodable {
  public enum State: String, Sendable, Equatable, Codable { case pending, success, failure, error }
  public var state: State
  public var context: String
  public var description: String
  public var target: String

  enum CodingKeys: String, CodingKey {
    case state, context, description
    case target = "target_url"
  }

  public init(state: State, context: String, description: String, target: String) {
    self.state = state
    self.context = context
    self.description = description
    self.target = target
  }
}

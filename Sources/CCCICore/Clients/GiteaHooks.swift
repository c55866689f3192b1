/// A webhook of a repository. Its secret is never told.
public struct GiteaHook: Sendable, Equatable, Decodable {
  public var id: Int
  public var isActive: Bool
  public var events: [String]
  public var url: String
  public var contentType: String

  enum CodingKeys: String, CodingKey {
    case id, events, config
    case isActive = "active"
  }

  public init(id: Int, isActive: Bool, events: [String], url: String, contentType: String) {
    self.id = id
    self.isActive = isActive
    self.events = events
    self.url = url
    self.contentType = contentType
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(Int.self, forKey: .id)
    isActive = try values.decodeIfPresent(Bool.self, forKey: .isActive) ?? false
    events = try values.decodeIfPresent([String].self, forKey: .events) ?? []
    let config = try values.decodeIfPresent([String: String].self, forKey: .config) ?? [:]
    url = config["url"] ?? ""
    contentType = config["content_type"] ?? ""
  }
}

extension Gitea {
  /// The event under which Gitea sends comments on pull requests; `issue_comment` alone does not bring them.
  public static let hookEvent = "pull_request_comment"

  /// Needs admin rights on the repository.
  public func hooks(_ slug: String) async throws(Failure) -> [GiteaHook] {
    var found: [GiteaHook] = []
    for page in 1...20 {
      let path = "/repos/\(slug)/hooks?limit=50&page=\(page)"
      let rows = try decode([GiteaHook].self, try await answer(request(.get, path), path), path)
      found += rows
      if rows.count < 50 { break }
    }
    return found
  }

  public func makeHook(_ slug: String, url: String, secret: String) async throws(Failure) {
    struct Wish: Encodable {
      var type = "gitea"
      var active = true
      var events = [Gitea.hookEvent]
      var config: [String: String]
    }
    let path = "/repos/\(slug)/hooks"
    let wish = Wish(config: ["url": url, "content_type": "json", "secret": secret])
    var request = request(.post, path, body: try JSONCoding.line(wish))
    request.isAlone = true
    _ = try await answer(request, path)
  }

  /// Nothing happens when it is gone already.
  public func removeHook(_ slug: String, _ id: Int) async throws(Failure) {
    let path = "/repos/\(slug)/hooks/\(id)"
    let response = try await send(request(.delete, path))
    if response.status != 404 { _ = try checked(response, path) }
  }
}

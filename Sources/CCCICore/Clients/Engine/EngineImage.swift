/// One image on this host.
public struct EngineImage: Sendable, Equatable {
  /// `sha256:…`.
  public var id: String
  /// `nginx:1.27.0`; empty for a dangling image.
  public var tags: [String]
  /// `nginx@sha256:…`; empty for an image that no registry gave.
  public var digests: [String]
  public var bytes: Int
  /// Seconds since 1970: when it was built, not when it was pulled.
  public var created: Int

  public init(id: String, tags: [String] = [], digests: [String] = [], bytes: Int = 0, created: Int = 0) {
    self.id = id
    self.tags = tags
    self.digests = digests
    self.bytes = bytes
    self.created = created
  }
}

extension EngineImage: Decodable {
  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case tags = "RepoTags"
    case digests = "RepoDigests"
    case bytes = "Size"
    case created = "Created"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    tags = (try values.decodeIfPresent([String].self, forKey: .tags) ?? []).filter { $0 != "<none>:<none>" }
    digests = (try values.decodeIfPresent([String].self, forKey: .digests) ?? []).filter { $0 != "<none>@<none>" }
    bytes = try values.decodeIfPresent(Int.self, forKey: .bytes) ?? 0
    created = try values.decodeIfPresent(Int.self, forKey: .created) ?? 0
  }
}

extension Engine {
  /// Every image on this host but intermediate ones.
  public func images() async throws(Failure) -> [EngineImage] { try await list(EngineImage.self, "/images/json") }

  /// Whether the image is here, by name, tag, digest or id, as a service would name it.
  public func hasImage(_ reference: String) async throws(Failure) -> Bool {
    try await call(.get, "/images/\(EngineQuery.encoded(reference, keeping: "/:@"))/json").status == 200
  }
}

extension Engine {
  /// Removes images that have no name, that nothing uses and that were made more than `age` ago: never others. Answers how many bytes that freed.
  public func pruneDanglingImages(olderThan age: Duration) async throws(Failure) -> (images: Int, bytes: Int) {
    struct Answer: Decodable {
      struct Item: Decodable {
        var deleted: String?
        enum CodingKeys: String, CodingKey { case deleted = "Deleted" }
      }
      var items: [Item]?
      var bytes: Int?
      enum CodingKeys: String, CodingKey {
        case items = "ImagesDeleted"
        case bytes = "SpaceReclaimed"
      }
    }
    let query = EngineQuery().filtered(["dangling": ["true"], "until": ["\(Int(age.seconds))s"]])
    let request = request(.post, "/images/prune", query, limit: .seconds(600))
    let answer = try JSONCoding.decode(Answer.self, from: try await send(request).body, path: "docker engine: \(request.engineName)")
    return ((answer.items ?? []).count { $0.deleted?.hasPrefix("sha256:") == true }, answer.bytes ?? 0)
  }

  /// The images that `pruneDanglingImages` may remove, in use or not.
  public func danglingImages(olderThan age: Duration) async throws(Failure) -> [EngineImage] {
    try await list(EngineImage.self, "/images/json", EngineQuery().filtered(["dangling": ["true"], "until": ["\(Int(age.seconds))s"]]))
  }
}

/// What the engine is.
public struct EngineVersion: Sendable, Equatable, Decodable {
  /// `20.10.24`.
  public var version: String
  /// The newest API it speaks: `1.41`.
  public var api: String
  /// The oldest API it speaks: `1.12`.
  public var oldestAPI: String

  enum CodingKeys: String, CodingKey {
    case version = "Version"
    case api = "ApiVersion"
    case oldestAPI = "MinAPIVersion"
  }

  public init(version: String, api: String, oldestAPI: String) {
    self.version = version
    self.api = api
    self.oldestAPI = oldestAPI
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    version = try values.decode(String.self, forKey: .version)
    api = try values.decode(String.self, forKey: .api)
    oldestAPI = try values.decodeIfPresent(String.self, forKey: .oldestAPI) ?? "1.12"
  }

  /// Whether the engine speaks that version of the API, such as `1.41`.
  public func speaks(_ wanted: String) -> Bool {
    let parts = { (text: String) in text.split(separator: ".").map { Int($0) ?? 0 } }
    let (least, asked, most) = (parts(oldestAPI), parts(wanted), parts(api))
    return !asked.lexicographicallyPrecedes(least) && !most.lexicographicallyPrecedes(asked)
  }
}

extension Engine {
  /// Asks who is there. The first call of every command: `unavailable` when nobody answers, `config` when it does not speak our API.
  public func version() async throws(Failure) -> EngineVersion {
    let request = HTTPRequest(.get, "http://engine/version", socket: socket, limit: .seconds(10))
    let found = try JSONCoding.decode(EngineVersion.self, from: try await send(request).body, path: "docker engine: GET /version")
    guard found.speaks(api) else {
      throw Failure(
        .config, "docker engine: does not speak API \(api)",
        why: "version \(found.version) speaks \(found.oldestAPI) to \(found.api)", next: "use a docker engine of 20.10 to 28")
    }
    return found
  }
}

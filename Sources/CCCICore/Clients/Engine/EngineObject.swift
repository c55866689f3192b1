public import FoundationEssentials

/// A swarm secret or config, without its content.
public struct EngineObject: Sendable, Equatable {
  public var id: String
  public var name: String
  public var labels: [String: String]
  public var created: Date

  public init(id: String, name: String, labels: [String: String] = [:], created: Date) {
    self.id = id
    self.name = name
    self.labels = labels
    self.created = created
  }
}

extension EngineObject: Decodable {
  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case created = "CreatedAt"
    case spec = "Spec"
  }

  private struct Spec: Decodable {
    var name: String
    var labels: [String: String]?

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
    }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let spec = try values.decode(Spec.self, forKey: .spec)
    id = try values.decode(String.self, forKey: .id)
    name = spec.name
    labels = spec.labels ?? [:]
    let stamp = try values.decodeIfPresent(String.self, forKey: .created)
    created = stamp.flatMap(EngineTime.parse) ?? Date(timeIntervalSince1970: 0)
  }
}

extension Engine {
  /// The secrets whose name begins with the prefix, such as `blog_ci_example_org_`.
  public func secrets(named prefix: String) async throws(Failure) -> [EngineObject] { try await objects("/secrets", prefix) }

  /// The configs whose name begins with the prefix.
  public func configs(named prefix: String) async throws(Failure) -> [EngineObject] { try await objects("/configs", prefix) }

  /// Removes a secret by name or id; `tryAgain` while a service uses it.
  public func removeSecret(_ name: String) async throws(Failure) { try await delete("/secrets/\(EngineQuery.encoded(name))") }

  /// Removes a config by name or id; `tryAgain` while a service uses it.
  public func removeConfig(_ name: String) async throws(Failure) { try await delete("/configs/\(EngineQuery.encoded(name))") }

  private func objects(_ path: String, _ prefix: String) async throws(Failure) -> [EngineObject] {
    try await list(EngineObject.self, path, EngineQuery().filtered(["name": [prefix]]))
      .filter { $0.name.hasPrefix(prefix) }.sorted { $0.name < $1.name }
  }
}

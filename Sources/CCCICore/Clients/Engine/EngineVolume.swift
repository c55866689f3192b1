public import FoundationEssentials

/// One named volume.
public struct EngineVolume: Sendable, Equatable {
  public var name: String
  /// Its directory on the host.
  public var mountpoint: String
  /// By the second; a volume made anew has another one.
  public var created: Date
  public var driver: String
  public var labels: [String: String]
  /// Driver options, such as `type`, `device`, `o`.
  public var options: [String: String]

  public init(
    name: String, mountpoint: String, created: Date, driver: String = "local", labels: [String: String] = [:],
    options: [String: String] = [:]
  ) {
    self.name = name
    self.mountpoint = mountpoint
    self.created = created
    self.driver = driver
    self.labels = labels
    self.options = options
  }
}

extension EngineVolume: Decodable {
  enum CodingKeys: String, CodingKey {
    case name = "Name"
    case mountpoint = "Mountpoint"
    case created = "CreatedAt"
    case driver = "Driver"
    case labels = "Labels"
    case options = "Options"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    mountpoint = try values.decodeIfPresent(String.self, forKey: .mountpoint) ?? ""
    let stamp = try values.decodeIfPresent(String.self, forKey: .created)
    created = stamp.flatMap(EngineTime.parse) ?? Date(timeIntervalSince1970: 0)
    driver = try values.decodeIfPresent(String.self, forKey: .driver) ?? ""
    labels = try values.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
    options = try values.decodeIfPresent([String: String].self, forKey: .options) ?? [:]
  }
}

extension Engine {
  private struct Listing: Decodable {
    var volumes: [EngineVolume]?
    enum CodingKeys: String, CodingKey { case volumes = "Volumes" }
  }

  /// The volumes that carry the stack's label. Volumes made by a container or by hand lack it: see `volumes(named:)`.
  public func volumes(stack: String) async throws(Failure) -> [EngineVolume] {
    try await volumes(.stack(stack))
  }

  /// The volumes whose name begins with the prefix, such as `blog_ci_example_org_`.
  public func volumes(named prefix: String) async throws(Failure) -> [EngineVolume] {
    try await volumes(EngineQuery().filtered(["name": [prefix]])).filter { $0.name.hasPrefix(prefix) }
  }

  private func volumes(_ query: EngineQuery) async throws(Failure) -> [EngineVolume] {
    (try await get(Listing.self, "/volumes", query).volumes ?? []).sorted { $0.name < $1.name }
  }

  /// One volume, or nil.
  public func volume(_ name: String) async throws(Failure) -> EngineVolume? {
    try await find(EngineVolume.self, "/volumes/\(EngineQuery.encoded(name))")
  }

  /// Removes a volume with its data; `tryAgain` while a container (even a stopped one) still holds it.
  public func removeVolume(_ name: String) async throws(Failure) {
    try await delete("/volumes/\(EngineQuery.encoded(name))")
  }
}

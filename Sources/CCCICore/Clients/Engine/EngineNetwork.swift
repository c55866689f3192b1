/// One network.
public struct EngineNetwork: Sendable, Equatable {
  public var id: String
  public var name: String
  /// `overlay`, `bridge`, `host`, `null`.
  public var driver: String
  /// `swarm`, `local`.
  public var scope: String
  /// Containers outside swarm services may join.
  public var attachable: Bool
  /// `10.66.0.0/16`.
  public var subnets: [String]
  public var labels: [String: String]
  /// Addresses by container name on this node. Empty in listings: ask for the network by name.
  public var containers: [String: String]
  /// Addresses of the nodes that take part; empty in listings.
  public var peers: [String]

  public init(
    id: String, name: String, driver: String = "overlay", scope: String = "swarm", attachable: Bool = false, subnets: [String] = [],
    labels: [String: String] = [:], containers: [String: String] = [:], peers: [String] = []
  ) {
    self.id = id
    self.name = name
    self.driver = driver
    self.scope = scope
    self.attachable = attachable
    self.subnets = subnets
    self.labels = labels
    self.containers = containers
    self.peers = peers
  }
}

extension EngineNetwork: Decodable {
  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case name = "Name"
    case driver = "Driver"
    case scope = "Scope"
    case attachable = "Attachable"
    case addresses = "IPAM"
    case labels = "Labels"
    case containers = "Containers"
    case peers = "Peers"
  }

  private struct Addresses: Decodable {
    var config: [Subnet]?
    enum CodingKeys: String, CodingKey { case config = "Config" }

    struct Subnet: Decodable {
      var subnet: String?
      enum CodingKeys: String, CodingKey { case subnet = "Subnet" }
    }
  }

  private struct Endpoint: Decodable {
    var name: String?
    var address: String?

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case address = "IPv4Address"
    }
  }

  private struct Peer: Decodable {
    var address: String?
    enum CodingKeys: String, CodingKey { case address = "IP" }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    name = try values.decode(String.self, forKey: .name)
    driver = try values.decodeIfPresent(String.self, forKey: .driver) ?? ""
    scope = try values.decodeIfPresent(String.self, forKey: .scope) ?? ""
    attachable = try values.decodeIfPresent(Bool.self, forKey: .attachable) ?? false
    let addresses = try values.decodeIfPresent(Addresses.self, forKey: .addresses)
    subnets = (addresses?.config ?? []).compactMap(\.subnet)
    labels = try values.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
    let endpoints = try values.decodeIfPresent([String: Endpoint].self, forKey: .containers) ?? [:]
    containers = Dictionary(endpoints.map { ($1.name ?? $0, $1.address ?? "") }) { first, _ in first }
    peers = (try values.decodeIfPresent([Peer].self, forKey: .peers) ?? []).compactMap(\.address)
  }
}

extension Engine {
  /// The networks that carry the stack's label.
  public func networks(stack: String) async throws(Failure) -> [EngineNetwork] {
    try await list(EngineNetwork.self, "/networks", .stack(stack)).sorted { $0.name < $1.name }
  }

  /// One network by name or id, with the containers on it, or nil.
  public func network(_ name: String) async throws(Failure) -> EngineNetwork? {
    try await find(EngineNetwork.self, "/networks/\(EngineQuery.encoded(name))")
  }

  /// Removes a network; `tryAgain` while it has endpoints.
  public func removeNetwork(_ name: String) async throws(Failure) {
    try await delete("/networks/\(EngineQuery.encoded(name))")
  }
}

/// The engine's host as a member of a swarm.
public struct EngineNode: Sendable, Equatable, Decodable {
  /// `inactive`, `pending`, `active`, `error`, `locked`.
  public var swarm: String
  /// Services can be asked for and changed here.
  public var isManager: Bool
  /// Empty outside a swarm.
  public var nodeID: String
  /// Swarm's own complaint, or empty.
  public var swarmError: String
  /// Where images and volumes are: `/var/lib/docker`.
  public var rootDirectory: String
  /// `overlay2`.
  public var storageDriver: String

  public init(
    swarm: String, isManager: Bool, nodeID: String, swarmError: String = "", rootDirectory: String = "/var/lib/docker",
    storageDriver: String = "overlay2"
  ) {
    self.swarm = swarm
    self.isManager = isManager
    self.nodeID = nodeID
    self.swarmError = swarmError
    self.rootDirectory = rootDirectory
    self.storageDriver = storageDriver
  }

  enum CodingKeys: String, CodingKey {
    case swarm = "Swarm"
    case rootDirectory = "DockerRootDir"
    case storageDriver = "Driver"
  }

  private enum SwarmKeys: String, CodingKey {
    case nodeID = "NodeID"
    case state = "LocalNodeState"
    case isManager = "ControlAvailable"
    case error = "Error"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    rootDirectory = try values.decode(String.self, forKey: .rootDirectory)
    storageDriver = try values.decodeIfPresent(String.self, forKey: .storageDriver) ?? ""
    let cluster = try values.nestedContainer(keyedBy: SwarmKeys.self, forKey: .swarm)
    swarm = try cluster.decodeIfPresent(String.self, forKey: .state) ?? "inactive"
    isManager = try cluster.decodeIfPresent(Bool.self, forKey: .isManager) ?? false
    nodeID = try cluster.decodeIfPresent(String.self, forKey: .nodeID) ?? ""
    swarmError = try cluster.decodeIfPresent(String.self, forKey: .error) ?? ""
  }
}

extension Engine {
  /// The host: swarm membership, directories.
  public func info() async throws(Failure) -> EngineNode { try await get(EngineNode.self, "/info") }
}

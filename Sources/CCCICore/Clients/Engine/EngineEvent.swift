public import FoundationEssentials

/// Something that happened to a container or a service. There are no events of tasks: their states must be asked for.
public struct EngineEvent: Sendable, Equatable {
  /// `container`, `service`.
  public var type: String
  /// `start`, `die`, `oom`, `health_status: healthy`, `update`, `remove`.
  public var action: String
  /// Of the container or service.
  public var id: String
  /// Of a container: its labels, `name`, `exitCode`; of a service: `name`, `updatestate.new`.
  public var attributes: [String: String]
  public var time: Date

  public init(type: String, action: String, id: String, attributes: [String: String], time: Date) {
    self.type = type
    self.action = action
    self.id = id
    self.attributes = attributes
    self.time = time
  }

  /// The task a container runs for.
  public var taskID: String? { type == "container" ? attributes[EngineLabel.taskID] : nil }
  /// `<stack>_<service>`.
  public var serviceName: String? { type == "service" ? attributes["name"] : attributes[EngineLabel.serviceName] }
  /// Of a `die`.
  public var exitCode: Int? { attributes["exitCode"].flatMap { Int($0) } }
  /// Of a service `update` by swarm itself: the state it went into.
  public var updateState: ServiceState.Update.State? { attributes["updatestate.new"].flatMap { .init(rawValue: $0) } }

  /// Whether it concerns a stack. Service events carry no labels: there the name decides.
  public func concerns(stack: String) -> Bool {
    attributes[EngineLabel.stack] == stack || serviceName?.hasPrefix("\(stack)_") == true
  }
}

extension EngineEvent: Decodable {
  enum CodingKeys: String, CodingKey {
    case type = "Type"
    case action = "Action"
    case actor = "Actor"
    case time = "timeNano"
  }

  private struct Actor: Decodable {
    var id: String?
    var attributes: [String: String]?

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case attributes = "Attributes"
    }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let actor = try values.decodeIfPresent(Actor.self, forKey: .actor)
    type = try values.decode(String.self, forKey: .type)
    action = try values.decode(String.self, forKey: .action)
    id = actor?.id ?? ""
    attributes = actor?.attributes ?? [:]
    time = Date(timeIntervalSince1970: Double(try values.decode(Int64.self, forKey: .time)) / 1_000_000_000)
  }
}

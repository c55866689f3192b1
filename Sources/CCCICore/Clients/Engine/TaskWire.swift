import FoundationEssentials

/// A task as the engine writes it.
struct TaskWire: Decodable {
  var id: String
  var createdAt: String?
  var updatedAt: String?
  var serviceID: String?
  var slot: Int?
  var spec: TaskSpecWire
  var template: EngineJSON
  var status: Status
  var desired: TaskState.State
  var attachments: [Attachment]?

  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case createdAt = "CreatedAt"
    case updatedAt = "UpdatedAt"
    case serviceID = "ServiceID"
    case slot = "Slot"
    case spec = "Spec"
    case status = "Status"
    case desired = "DesiredState"
    case attachments = "NetworksAttachments"
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    createdAt = try values.decodeIfPresent(String.self, forKey: .createdAt)
    updatedAt = try values.decodeIfPresent(String.self, forKey: .updatedAt)
    serviceID = try values.decodeIfPresent(String.self, forKey: .serviceID)
    slot = try values.decodeIfPresent(Int.self, forKey: .slot)
    spec = try values.decode(TaskSpecWire.self, forKey: .spec)
    template = try values.decode(EngineJSON.self, forKey: .spec)
    status = try values.decode(Status.self, forKey: .status)
    desired = try values.decode(State.self, forKey: .desired)
    attachments = try values.decodeIfPresent([Attachment].self, forKey: .attachments)
  }

  typealias State = TaskState.State

  struct Status: Decodable {
    var timestamp: String?
    var state: State
    var message: String?
    var error: String?
    var container: Container?

    enum CodingKeys: String, CodingKey {
      case timestamp = "Timestamp"
      case state = "State"
      case message = "Message"
      case error = "Err"
      case container = "ContainerStatus"
    }
  }

  struct Container: Decodable {
    var id: String?
    var exitCode: Int?

    enum CodingKeys: String, CodingKey {
      case id = "ContainerID"
      case exitCode = "ExitCode"
    }
  }

  struct Attachment: Decodable {
    var network: Network?
    var addresses: [String]?

    enum CodingKeys: String, CodingKey {
      case network = "Network"
      case addresses = "Addresses"
    }
  }

  struct Network: Decodable {
    var id: String?
    var spec: Spec?

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case spec = "Spec"
    }

    struct Spec: Decodable {
      var name: String?
      enum CodingKeys: String, CodingKey { case name = "Name" }
    }
  }

  var containerID: String? { status.container?.id.flatMap { $0.isEmpty ? nil : $0 } }

  func state(health: EngineContainer.Health?) -> TaskState {
    let never = Date(timeIntervalSince1970: 0)
    let created = createdAt.flatMap(EngineTime.parse) ?? never
    return TaskState(
      id: id, serviceID: serviceID ?? "", slot: slot ?? 0, state: status.state, desired: desired,
      timestamp: status.timestamp.flatMap(EngineTime.parse) ?? created, created: created,
      updated: updatedAt.flatMap(EngineTime.parse),
      exitCode: containerID == nil || !status.state.hasEnded ? nil : status.container?.exitCode ?? 0, error: status.error ?? "",
      message: status.message ?? "", containerID: containerID, image: spec.container?.image ?? "", template: TaskTemplate(template),
      attachments: (attachments ?? []).map {
        TaskState.Attachment(network: $0.network?.spec?.name ?? $0.network?.id ?? "", addresses: $0.addresses ?? [])
      },
      hasHealthcheck: spec.container?.healthcheck?.isSet == true || (health.map { $0 != .none } ?? false),
      healthy: health.flatMap { $0 == .none ? nil : $0 == .healthy })
  }
}

extension TaskState.State: Decodable {}

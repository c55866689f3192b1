import FoundationEssentials

extension Engine {
  /// One look at a stack: tasks with the health of their containers, then services (three calls, about 3 ms).
  ///
  /// The services come last on purpose: an update's `StartedAt` is written before its first new task, so a view that shows
  /// new tasks always shows the update that made them.
  public func view(stack: String) async throws(Failure) -> StackView {
    let at = host.now()
    let tasks = try await tasks(stack: stack)
    return StackView(services: try await services(stack: stack), tasks: tasks, at: at)
  }

  /// Every task of a stack that swarm still lists, of all states, oldest first.
  public func tasks(stack: String) async throws(Failure) -> [TaskState] {
    async let wires = Result { () async throws(Failure) in try await self.list(TaskWire.self, "/tasks", .stack(stack)) }
    async let containers = Result { () async throws(Failure) in try await self.containers(stack: stack) }
    let health = Dictionary(try await containers.get().map { ($0.id, $0.health) }) { first, _ in first }
    return try await wires.get().map { $0.state(health: $0.containerID.flatMap { health[$0] }) }
      .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }
}

extension Result where Failure == CCCICore.Failure {
  /// An asynchronous call as a value, so that `async let` keeps the type of its error.
  fileprivate init(_ work: () async throws(CCCICore.Failure) -> Success) async {
    do {
      self = .success(try await work())
    } catch {
      self = .failure(error)
    }
  }
}

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

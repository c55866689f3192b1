import FoundationEssentials

extension Engine {
  /// Every service of a stack, sorted by name; empty for an unknown stack.
  public func services(stack: String) async throws(Failure) -> [ServiceState] {
    let query = EngineQuery.stack(stack).adding("status", "true")
    return try await list(ServiceWire.self, "/services", query).map(\.state).sorted { $0.name < $1.name }
  }

  /// The service of exactly that name (`<stack>_<service>`), or nil.
  public func service(_ name: String) async throws(Failure) -> ServiceState? {
    let query = EngineQuery().filtered(["name": [name]]).adding("status", "true")
    return try await list(ServiceWire.self, "/services", query).map(\.state).first { $0.name == name }
  }

  /// Removes a service by name or id with all its tasks; the containers go a little later.
  public func removeService(_ name: String) async throws(Failure) {
    try await delete("/services/\(EngineQuery.encoded(name))")
  }
}

/// A service as the engine writes it.
struct ServiceWire: Decodable {
  var id: String
  var version: Version?
  var updatedAt: String?
  var spec: Spec
  var status: Status
  var update: Update?

  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case version = "Version"
    case updatedAt = "UpdatedAt"
    case spec = "Spec"
    case status = "ServiceStatus"
    case update = "UpdateStatus"
  }

  struct Version: Decodable {
    var index: Int
    enum CodingKeys: String, CodingKey { case index = "Index" }
  }

  struct Status: Decodable {
    var running: Int
    var desired: Int
    var completed: Int?

    enum CodingKeys: String, CodingKey {
      case running = "RunningTasks"
      case desired = "DesiredTasks"
      case completed = "CompletedTasks"
    }
  }

  struct Update: Decodable {
    var state: String?
    var startedAt: String?
    var completedAt: String?
    var message: String?

    enum CodingKeys: String, CodingKey {
      case state = "State"
      case startedAt = "StartedAt"
      case completedAt = "CompletedAt"
      case message = "Message"
    }
  }

  struct Spec: Decodable {
    var name: String
    var labels: [String: String]?
    /// Twice: typed for what we read, whole for what we compare.
    var task: TaskSpecWire
    var template: EngineJSON
    var mode: [String: EngineJSON]?
    var endpoint: EngineJSON?

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case template = "TaskTemplate"
      case mode = "Mode"
      case endpoint = "EndpointSpec"
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      name = try values.decode(String.self, forKey: .name)
      labels = try values.decodeIfPresent([String: String].self, forKey: .labels)
      task = try values.decode(TaskSpecWire.self, forKey: .template)
      template = try values.decode(EngineJSON.self, forKey: .template)
      mode = try values.decodeIfPresent([String: EngineJSON].self, forKey: .mode)
      endpoint = try values.decodeIfPresent(EngineJSON.self, forKey: .endpoint)
    }
  }

  var state: ServiceState {
    let labels = spec.labels ?? [:]
    let prefix = labels[EngineLabel.stack].map { "\($0)_" } ?? ""
    return ServiceState(
      id: id, name: spec.name, shortName: spec.name.hasPrefix(prefix) ? String(spec.name.dropFirst(prefix.count)) : spec.name, mode: mode,
      desired: status.desired, running: status.running, completed: status.completed ?? 0, image: spec.task.container?.image ?? "",
      template: TaskTemplate(spec.template), endpoint: spec.endpoint?.canonical() ?? "", labels: labels,
      containerLabels: spec.task.container?.labels ?? [:], update: updateState, mounts: spec.task.container?.mountStates ?? [],
      networks: (spec.task.networks ?? []).compactMap(\.target), hasHealthcheck: spec.task.container?.healthcheck?.isSet ?? false,
      version: version?.index ?? 0, updatedAt: updatedAt.flatMap(EngineTime.parse) ?? Date(timeIntervalSince1970: 0))
  }

  private var mode: ServiceState.Mode {
    let keys = spec.mode ?? [:]
    if keys["Global"] != nil { return .global }
    if keys["ReplicatedJob"] != nil { return .replicatedJob }
    return keys["GlobalJob"] != nil ? .globalJob : .replicated
  }

  /// A state that this API does not know is taken as `updating`: never as settled.
  private var updateState: ServiceState.Update? {
    guard let update, let word = update.state, !word.isEmpty else { return nil }
    let known = ServiceState.Update.State(rawValue: word)
    return ServiceState.Update(
      state: known ?? .updating, startedAt: update.startedAt.flatMap(EngineTime.parse),
      completedAt: update.completedAt.flatMap(EngineTime.parse), message: known == nil ? "unknown state \(word)" : update.message ?? "")
  }
}

/// The typed part of a task template.
struct TaskSpecWire: Decodable {
  var container: Container?
  var networks: [Network]?

  enum CodingKeys: String, CodingKey {
    case container = "ContainerSpec"
    case networks = "Networks"
  }

  struct Network: Decodable {
    var target: String?
    enum CodingKeys: String, CodingKey { case target = "Target" }
  }

  struct Container: Decodable {
    var image: String?
    var labels: [String: String]?
    var mounts: [Mount]?
    var healthcheck: Healthcheck?

    enum CodingKeys: String, CodingKey {
      case image = "Image"
      case labels = "Labels"
      case mounts = "Mounts"
      case healthcheck = "Healthcheck"
    }

    var mountStates: [ServiceState.Mount] {
      (mounts ?? []).map {
        ServiceState.Mount(type: $0.type ?? "volume", source: $0.source ?? "", target: $0.target ?? "", readOnly: $0.readOnly ?? false)
      }
    }
  }

  struct Mount: Decodable {
    var type: String?
    var source: String?
    var target: String?
    var readOnly: Bool?

    enum CodingKeys: String, CodingKey {
      case type = "Type"
      case source = "Source"
      case target = "Target"
      case readOnly = "ReadOnly"
    }
  }

  struct Healthcheck: Decodable {
    var test: [String]?
    enum CodingKeys: String, CodingKey { case test = "Test" }

    /// `["NONE"]` switches the image's own check off; an empty test inherits it.
    var isSet: Bool { !(test ?? []).isEmpty && test != ["NONE"] }
  }
}

import FoundationEssentials

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

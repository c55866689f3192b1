import FoundationEssentials

/// One container of a stack, running or not.
public struct EngineContainer: Sendable, Equatable {
  public var id: String
  /// Without the leading slash: `<stack>_<service>.<slot>.<task id>`.
  public var name: String
  public var image: String
  public var imageID: String
  /// `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`.
  public var state: String
  public var health: Health
  public var labels: [String: String]
  public var mounts: [Mount]

  /// What the container's healthcheck says; `none` without one.
  public enum Health: String, Sendable { case none, starting, healthy, unhealthy }

  /// One mount as it really is.
  public struct Mount: Sendable, Equatable {
    /// `volume`, `bind`, `tmpfs`.
    public var type: String
    /// Volume name; empty for others.
    public var name: String
    /// Path on the host.
    public var source: String
    /// Path in the container.
    public var target: String

    public init(type: String, name: String, source: String, target: String) {
      self.type = type
      self.name = name
      self.source = source
      self.target = target
    }
  }

  public init(
    id: String, name: String, image: String, imageID: String = "", state: String = "running", health: Health = .none,
    labels: [String: String] = [:], mounts: [Mount] = []
  ) {
    self.id = id
    self.name = name
    self.image = image
    self.imageID = imageID
    self.state = state
    self.health = health
    self.labels = labels
    self.mounts = mounts
  }

  public var taskID: String? { labels[EngineLabel.taskID] }
  /// `<stack>_<service>`.
  public var serviceName: String? { labels[EngineLabel.serviceName] }
}

extension EngineContainer: Decodable {
  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case names = "Names"
    case image = "Image"
    case imageID = "ImageID"
    case state = "State"
    case status = "Status"
    case labels = "Labels"
    case mounts = "Mounts"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let first = try values.decodeIfPresent([String].self, forKey: .names)?.first ?? ""
    id = try values.decode(String.self, forKey: .id)
    name = first.hasPrefix("/") ? String(first.dropFirst()) : first
    image = try values.decodeIfPresent(String.self, forKey: .image) ?? ""
    imageID = try values.decodeIfPresent(String.self, forKey: .imageID) ?? ""
    state = try values.decodeIfPresent(String.self, forKey: .state) ?? ""
    health = Health(status: try values.decodeIfPresent(String.self, forKey: .status) ?? "")
    labels = try values.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
    mounts = try values.decodeIfPresent([Mount].self, forKey: .mounts) ?? []
  }
}

extension EngineContainer.Health {
  /// From the listing's words: `Up 3 minutes (healthy)`, `(unhealthy)`, `(health: starting)`.
  init(status: String) {
    let words = ["(healthy)": Self.healthy, "(unhealthy)": .unhealthy, "(health: starting)": .starting]
    self = words.first { status.hasSuffix($0.key) }?.value ?? .none
  }
}

extension EngineContainer.Mount: Decodable {
  enum CodingKeys: String, CodingKey {
    case type = "Type"
    case name = "Name"
    case source = "Source"
    case target = "Destination"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    type = try values.decodeIfPresent(String.self, forKey: .type) ?? ""
    name = try values.decodeIfPresent(String.self, forKey: .name) ?? ""
    source = try values.decodeIfPresent(String.self, forKey: .source) ?? ""
    target = try values.decodeIfPresent(String.self, forKey: .target) ?? ""
  }
}

extension Engine {
  /// Every container of a stack on this node, stopped ones included.
  public func containers(stack: String) async throws(Failure) -> [EngineContainer] {
    try await list(EngineContainer.self, "/containers/json", .stack(stack).adding("all", "1"))
  }

  /// Kills a container at once; one that does not run or is gone is fine.
  public func killContainer(_ id: String) async throws(Failure) {
    try await toleratingConflict { () async throws(Failure) in
      _ = try await call(.post, "/containers/\(EngineQuery.encoded(id))/kill")
    }
  }

  /// Removes a container, killing it when it runs; one that is gone or going is fine.
  public func removeContainer(_ id: String) async throws(Failure) {
    try await toleratingConflict { () async throws(Failure) in
      try await delete("/containers/\(EngineQuery.encoded(id))", ["force": "1"])
    }
  }

  /// 409 here means "not running" or "removal already in progress": what was wanted.
  private func toleratingConflict(_ work: () async throws(Failure) -> Void) async throws(Failure) {
    do {
      try await work()
    } catch {
      guard error.code == .tryAgain else { throw error }
    }
  }
}

public import FoundationEssentials

/// One swarm service as the engine sees it at one moment.
public struct ServiceState: Sendable, Equatable {
  public var id: String
  /// `<stack>_<service>`.
  public var name: String
  /// The name inside the stack: `app`.
  public var shortName: String
  public var mode: Mode
  /// How many tasks swarm wants running: the replicas, or for a global service the nodes it fits.
  public var desired: Int
  /// How many tasks are in state `running`, old ones that still stop included. A task with a healthcheck is only `running` once healthy.
  public var running: Int
  /// Of a job: how many tasks ended well.
  public var completed: Int
  /// As the service names it, maybe with a digest: `nginx:1.27.0@sha256:…`.
  public var image: String
  public var template: TaskTemplate
  /// The endpoint specification (published ports, VIP or DNS) as canonical JSON; swarm replaces tasks when it changes.
  public var endpoint: String
  /// `deploy.labels` of the compose file, the version label and the stack label.
  public var labels: [String: String]
  /// `labels` of the compose file: those of the containers.
  public var containerLabels: [String: String]
  /// nil until a first update; every service update sets it back to nil, and swarm fills it when it begins to replace a task.
  public var update: Update?
  public var mounts: [Mount]
  /// Ids of the networks in the template.
  public var networks: [String]
  /// The service itself names a healthcheck; the image may have one all the same.
  public var hasHealthcheck: Bool
  /// Rises with every change of the service.
  public var version: Int
  public var updatedAt: Date

  public enum Mode: String, Sendable { case replicated, global, replicatedJob, globalJob }

  /// Swarm's account of replacing the tasks of a service: `UpdateStatus`.
  public struct Update: Sendable, Equatable {
    public var state: State
    /// When swarm began to replace tasks; kept through a rollback.
    public var startedAt: Date?
    public var completedAt: Date?
    /// Such as `rollback completed` or `update paused due to failure or early termination of task …`.
    public var message: String

    public enum State: String, Sendable, CaseIterable {
      case updating, paused, completed
      case rollbackStarted = "rollback_started"
      case rollbackPaused = "rollback_paused"
      case rollbackCompleted = "rollback_completed"

      /// Swarm is still working; every other state never moves by itself.
      public var isInFlight: Bool { self == .updating || self == .rollbackStarted }
    }

    public init(state: State, startedAt: Date? = nil, completedAt: Date? = nil, message: String = "") {
      self.state = state
      self.startedAt = startedAt
      self.completedAt = completedAt
      self.message = message
    }
  }

  /// One mount of the template.
  public struct Mount: Sendable, Hashable {
    /// `volume`, `bind`, `tmpfs`.
    public var type: String
    /// Volume name or host path; empty for an anonymous volume and a tmpfs.
    public var source: String
    /// Path in the container.
    public var target: String
    public var readOnly: Bool

    public init(type: String, source: String, target: String, readOnly: Bool = false) {
      self.type = type
      self.source = source
      self.target = target
      self.readOnly = readOnly
    }
  }

  public init(
    id: String, name: String, shortName: String, mode: Mode = .replicated, desired: Int = 1, running: Int = 1, completed: Int = 0,
    image: String = "", template: TaskTemplate = TaskTemplate(text: "{}", work: "{}"), endpoint: String = "{}",
    labels: [String: String] = [:], containerLabels: [String: String] = [:], update: Update? = nil, mounts: [Mount] = [],
    networks: [String] = [], hasHealthcheck: Bool = false, version: Int = 1, updatedAt: Date = Date(timeIntervalSince1970: 0)
  ) {
    self.id = id
    self.name = name
    self.shortName = shortName
    self.mode = mode
    self.desired = desired
    self.running = running
    self.completed = completed
    self.image = image
    self.template = template
    self.endpoint = endpoint
    self.labels = labels
    self.containerLabels = containerLabels
    self.update = update
    self.mounts = mounts
    self.networks = networks
    self.hasHealthcheck = hasHealthcheck
    self.version = version
    self.updatedAt = updatedAt
  }
}

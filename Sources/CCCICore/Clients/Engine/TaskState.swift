public import FoundationEssentials

/// One swarm task: one attempt to keep one replica running. A restart is a new task in the same slot.
public struct TaskState: Sendable, Equatable {
  public var id: String
  public var serviceID: String
  /// 1… for a replicated service; 0 for a global one.
  public var slot: Int
  public var state: State
  public var desired: State
  /// When `state` was reached or last reported (a running task reports again when told to stop), by the node's clock; the manager
  /// shows it about 100 ms later.
  public var timestamp: Date
  public var created: Date
  /// When the manager last learned something about it, by the manager's clock.
  public var updated: Date
  /// Of an ended task; nil when it lives or never had a container.
  public var exitCode: Int?
  /// Swarm's words about a failure: `task: non-zero exit (1)`, `No such image: x:1`; empty when all is well.
  public var error: String
  /// Swarm's words about the present state: `started`, `pending task scheduling`.
  public var message: String
  public var containerID: String?
  public var image: String
  public var template: TaskTemplate
  public var attachments: [Attachment]
  /// By the template or by the image; the latter is only known once the container exists.
  public var hasHealthcheck: Bool
  /// The container's own word; nil without a healthcheck, or without a container.
  public var healthy: Bool?

  /// In the order in which a task passes them; from `complete` on it has ended.
  public enum State: String, Sendable, CaseIterable {
    case new, allocated, pending, assigned, accepted, preparing, ready, starting, running
    case complete, shutdown, failed, rejected, remove, orphaned

    public var hasEnded: Bool {
      switch self {
      case .new, .allocated, .pending, .assigned, .accepted, .preparing, .ready, .starting, .running: false
      case .complete, .shutdown, .failed, .rejected, .remove, .orphaned: true
      }
    }
  }

  /// A network that the task is attached to, with its addresses (`10.0.1.3/24`); none while it waits for one.
  public struct Attachment: Sendable, Equatable {
    public var network: String
    public var addresses: [String]

    public init(network: String, addresses: [String]) {
      self.network = network
      self.addresses = addresses
    }
  }

  public init(
    id: String, serviceID: String, slot: Int = 1, state: State, desired: State = .running, timestamp: Date, created: Date,
    updated: Date? = nil, exitCode: Int? = nil, error: String = "", message: String = "", containerID: String? = nil, image: String = "",
    template: TaskTemplate = TaskTemplate(text: "{}", work: "{}"), attachments: [Attachment] = [], hasHealthcheck: Bool = false,
    healthy: Bool? = nil
  ) {
    self.id = id
    self.serviceID = serviceID
    self.slot = slot
    self.state = state
    self.desired = desired
    self.timestamp = timestamp
    self.created = created
    self.updated = updated ?? timestamp
    self.exitCode = exitCode
    self.error = error
    self.message = message
    self.containerID = containerID
    self.image = image
    self.template = template
    self.attachments = attachments
    self.hasHealthcheck = hasHealthcheck
    self.healthy = healthy
  }
}

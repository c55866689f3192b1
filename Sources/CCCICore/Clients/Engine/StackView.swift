public import FoundationEssentials

/// A stack at one moment: what every judge of `Apps/` looks at.
public struct StackView: Sendable, Equatable {
  /// Sorted by name.
  public var services: [ServiceState]
  /// Of all states; swarm keeps the present task and the last five of every slot.
  public var tasks: [TaskState]
  /// When the look began. What happened before is in the view, but for the 100 ms that swarm's manager may be behind its node.
  public var at: Date

  public init(services: [ServiceState], tasks: [TaskState], at: Date) {
    self.services = services
    self.tasks = tasks
    self.at = at
  }

  /// The tasks of one service, the newest first.
  public func tasks(of service: ServiceState) -> [TaskState] {
    tasks.filter { $0.serviceID == service.id }.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
  }

  /// The service of that short name, such as `app`.
  public func service(_ shortName: String) -> ServiceState? { services.first { $0.shortName == shortName } }
}

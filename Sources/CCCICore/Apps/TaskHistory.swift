public import FoundationEssentials

/// What the tasks of a stack did since a moment, gathered from views and events: swarm itself forgets all but five ended tasks a slot.
public struct TaskHistory: Sendable {
  /// One task's life, as far as it was seen.
  public struct Life: Sendable, Equatable {
    public let id: String
    /// Short name of its service; events know it even for tasks that no listing ever showed.
    public var service: String
    public var containerID: String?
    /// When its container started; nil while it never did.
    public var started: Date?
    /// When it ended; nil while it lives.
    public var ended: Date?
    /// It ended as `failed`: its container exited, or was killed as unhealthy, although swarm wanted it running.
    public var failed = false
    public var exitCode: Int?
    public var error = ""

    /// How long it ran inside a span, in seconds.
    public func seconds(from start: Date, to end: Date) -> Double {
      guard let started else { return 0 }
      return max(0, min(ended ?? end, end).timeIntervalSince(max(started, start)))
    }
  }

  public let stack: String
  /// Failures before it do not count.
  public let since: Date
  public private(set) var lives: [String: Life] = [:]
  /// The newest view.
  public private(set) var view: StackView?
  /// Exit codes of containers that died while their task was not yet shown as ended.
  private var deaths: [String: Int] = [:]

  public init(stack: String, since: Date) {
    self.stack = stack
    self.since = since
  }

  /// Takes in a listing; what it says of a task overrides what was thought before.
  public mutating func add(_ view: StackView) {
    let names = Dictionary(view.services.map { ($0.id, $0.shortName) }) { first, _ in first }
    for task in view.tasks { add(task, service: names[task.serviceID]) }
    close(notIn: Set(view.tasks.map(\.id)), at: view.at)
    self.view = view
  }

  /// Takes in an event of the stack's containers; others are passed over.
  public mutating func add(_ event: EngineEvent) {
    guard let id = event.taskID, event.concerns(stack: stack) else { return }
    let full = event.serviceName ?? ""
    let short = full.hasPrefix("\(stack)_") ? String(full.dropFirst(stack.count + 1)) : full
    var life = lives[id] ?? Life(id: id, service: short)
    life.containerID = event.id
    switch event.action {
    case "start":
      life.started = min(life.started ?? event.time, event.time)
    case "die":
      if life.ended == nil { deaths[id] = event.exitCode ?? 0 }
      life.ended = life.ended ?? event.time
      life.exitCode = event.exitCode ?? life.exitCode
    default:
      break
    }
    lives[id] = life
  }

  private mutating func add(_ task: TaskState, service: String?) {
    var life = lives[task.id] ?? Life(id: task.id, service: service ?? "")
    if let service { life.service = service }
    life.containerID = task.containerID ?? life.containerID
    switch task.state {
    case .starting, .running:
      life.started = min(life.started ?? task.timestamp, task.timestamp)
      if deaths[task.id] == nil { life.ended = nil }
    case .complete, .shutdown, .failed, .rejected, .remove, .orphaned:
      life.ended = task.timestamp
      life.failed = task.state == .failed
      life.exitCode = task.exitCode ?? life.exitCode
      life.error = task.error
      deaths[task.id] = nil
    case .new, .allocated, .pending, .assigned, .accepted, .preparing, .ready:
      break
    }
    lives[task.id] = life
  }

  /// Tasks that a listing does not show any more have ended. One whose container died with an error was replaced by swarm: it failed.
  private mutating func close(notIn listed: Set<String>, at: Date) {
    for (id, life) in lives where !listed.contains(id) && (life.ended == nil || deaths[id] != nil) {
      guard (life.ended ?? .distantPast).addingTimeInterval(1) < at else { continue }
      lives[id]?.ended = life.ended ?? at
      lives[id]?.failed = (deaths[id] ?? 0) != 0
      deaths[id] = nil
    }
  }
}

public import FoundationEssentials

/// Whether a service starts and fails over and over, so that waiting longer is of no use.
///
/// A service failed at least `failures` times since every other service of the stack settled, never ran for `neverRan` seconds in one
/// task since then, and at least `after` seconds have passed. So an app that restarts until its database is up, or one that takes nine
/// minutes to migrate in one task, is not a loop.
///
/// Settled is: wanted with no task at all; or as many tasks as wanted are healthy; or, without a healthcheck, running for `settledAfter`
/// seconds; or ended well for good (a one-shot). The moment is that of the last task needed. Since nothing settles in a stack whose
/// services loop together, a service may loop too instead: then its moment is that of its `failures`-th failure, counted since the
/// settled ones settled. All services that have not settled must be loops, otherwise none is one.
///
/// "Ran" is the life of the container, healthy or not: a long start that is killed as unhealthy is no loop either. And while the present
/// task has outlived every failed one there is no verdict: it may be the one that makes it, and will soon fail or have run for `neverRan`.
public enum CrashLoop {
  public struct Thresholds: Sendable, Equatable {
    public var failures: Int
    /// Seconds since every other service settled.
    public var after: Double
    /// A task that ran for so many seconds is no crash.
    public var neverRan: Double
    /// Seconds after which a running task without healthcheck counts as settled.
    public var settledAfter: Double

    public init(failures: Int = 5, after: Double = 90, neverRan: Double = 60, settledAfter: Double = 240) {
      self.failures = failures
      self.after = after
      self.neverRan = neverRan
      self.settledAfter = settledAfter
    }
  }

  public struct Verdict: Sendable, Equatable {
    /// Short name; of several the one with the most failures.
    public var service: String
    /// Of the newest failed task; nil when its container could not even be started.
    public var exitCode: Int?
    public var failures: Int
    /// Task and container that failed last.
    public var task: String
    public var containerID: String?
    /// Swarm's words: `task: non-zero exit (1)`.
    public var error: String
    /// The others that loop with it.
    public var others: [String]

    public init(
      service: String, exitCode: Int?, failures: Int, task: String, containerID: String? = nil, error: String = "", others: [String] = []
    ) {
      self.service = service
      self.exitCode = exitCode
      self.failures = failures
      self.task = task
      self.containerID = containerID
      self.error = error
      self.others = others
    }
  }

  /// nil as long as waiting may help.
  public static func judge(_ history: TaskHistory, now: Date, thresholds: Thresholds = Thresholds()) -> Verdict? {
    guard let view = history.view else { return nil }
    var settledAt = history.since
    var suspects: [String] = []
    var moments: [String: Date] = [:]
    for service in view.services {
      if let moment = settled(service, in: view, now: now, thresholds) {
        moments[service.shortName] = moment
        settledAt = max(settledAt, moment)
      } else {
        suspects.append(service.shortName)
      }
    }
    let looping = suspects.map { Suspect($0, since: settledAt, in: history, thresholds) }
    let verdicts = looping.map { suspect -> Verdict? in
      let others = looping.filter { $0.service != suspect.service }
      return suspect.verdict(with: others, in: history, now: now, thresholds)
    }
    let loops = verdicts.compactMap { $0 }
    guard loops.count == suspects.count else { return nil }
    return loops.max { ($0.failures, $1.service) < ($1.failures, $0.service) }
  }

  /// When a service settled, or nil.
  static func settled(_ service: ServiceState, in view: StackView, now: Date, _ thresholds: Thresholds) -> Date? {
    guard service.desired > 0 else { return .distantPast }
    let moments = view.tasks(of: service).compactMap { task -> Date? in
      switch (task.state, task.desired) {
      case (.running, .running) where task.hasHealthcheck: task.healthy == false ? nil : task.timestamp
      case (.running, .running): task.timestamp.addingTimeInterval(thresholds.settledAfter)
      case (.complete, .complete), (.complete, .shutdown): task.timestamp
      default: nil
      }
    }
    let reached = moments.filter { $0 <= now }.sorted()
    return reached.count >= service.desired ? reached[service.desired - 1] : nil
  }

  /// A service that has not settled.
  private struct Suspect {
    let service: String
    let base: Date
    /// When it became clear that it loops; nil while it is not.
    let loopedAt: Date?

    init(_ service: String, since base: Date, in history: TaskHistory, _ thresholds: Thresholds) {
      self.service = service
      self.base = base
      let failures = CrashLoop.failures(of: service, since: base, in: history)
      loopedAt = failures.count >= thresholds.failures ? failures[thresholds.failures - 1].ended : nil
    }

    func verdict(with others: [Suspect], in history: TaskHistory, now: Date, _ thresholds: Thresholds) -> Verdict? {
      let loops = others.compactMap(\.loopedAt)
      guard loops.count == others.count else { return nil }
      let since = loops.reduce(base, max)
      let failures = CrashLoop.failures(of: service, since: since, in: history)
      guard failures.count >= thresholds.failures, let last = failures.last, now.timeIntervalSince(since) >= thresholds.after else {
        return nil
      }
      let lives = history.lives.values.filter { $0.service == service }
      let longest = lives.map { $0.seconds(from: since, to: now) }.max() ?? 0
      let longestFailed = failures.map { $0.seconds(from: .distantPast, to: now) }.max() ?? 0
      let present = lives.filter { $0.ended == nil }.map { $0.seconds(from: .distantPast, to: now) }.max() ?? 0
      guard longest < thresholds.neverRan, present <= longestFailed + 1 else { return nil }
      return Verdict(
        service: service, exitCode: last.exitCode, failures: failures.count, task: last.id, containerID: last.containerID,
        error: last.error, others: others.map(\.service).sorted())
    }
  }

  /// The failures of a service after a moment, oldest first.
  private static func failures(of service: String, since: Date, in history: TaskHistory) -> [TaskHistory.Life] {
    history.lives.values.filter { $0.service == service && $0.failed && ($0.ended ?? .distantPast) > since }
      .sorted { ($0.ended ?? .distantPast, $0.id) < ($1.ended ?? .distantPast, $1.id) }
  }
}

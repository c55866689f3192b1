import FoundationEssentials

/// Whether a stack has come to rest in the wanted state.
///
/// A task counts as running only when swarm says `running`, and that includes health: measured on 20.10 with a healthcheck that
/// succeeds after 6 s, the task stayed `starting` and the service 0/1 until the first success. A task without any healthcheck is
/// `running` the moment its process exists, so such a service can be asked to stay up for a while (`steady`).
public enum Convergence {
  public enum Judgement: Sendable, Equatable {
    case converged
    /// One short sentence for each service that is not there yet: `db: 0 of 1 running (task preparing)`.
    case waiting(reasons: [String])
    /// It will never be what was asked for, although nothing moves any more: an update was paused or rolled back.
    case failed(reasons: [String])
  }

  /// Converged: every service at its desired count (0/0 counts) and none `updating` or `rollback_started`.
  ///
  /// The count is taken twice: swarm's own number, and the tasks that are running *and* that swarm wants running. A view is three answers
  /// a few milliseconds apart, and swarm's number also contains old tasks which it has already told to stop.
  /// `paused`, `rollback_paused`, `completed` and `rollback_completed` never move by themselves and do not block; whether an update
  /// went well is `UpdateProof`'s question. More tasks than wanted block too: an old one still stops. A stack without services has
  /// not converged. A task without healthcheck must have been running for `steady` seconds; 0 asks nothing of it.
  public static func judge(_ view: StackView, steady: Double = 0) -> Judgement {
    guard !view.services.isEmpty else { return .waiting(reasons: ["no service yet"]) }
    let reasons = view.services.compactMap { reason(against: $0, in: view, steady: steady) }
    return reasons.isEmpty ? .converged : .waiting(reasons: reasons)
  }

  /// Why one service is not there yet, or nil.
  private static func reason(against service: ServiceState, in view: StackView, steady: Double) -> String? {
    let tasks = view.tasks(of: service)
    if let update = service.update, update.state.isInFlight {
      let words = update.state == .updating ? "update in progress" : "rollback in progress"
      return "\(service.shortName): \(words)\(detail(tasks))"
    }
    guard isAtCount(service, tasks) else {
      let shown = service.running > service.desired ? service.running : min(service.running, wanted(tasks))
      return "\(service.shortName): \(shown) of \(service.desired) running\(detail(tasks))"
    }
    let young = tasks.filter { $0.state == .running && !$0.hasHealthcheck }.map { view.at.timeIntervalSince($0.timestamp) }.min()
    guard let young, young < steady else { return nil }
    return "\(service.shortName): running for less than \(Int(steady.rounded(.up))) s (no healthcheck)"
  }

  private static func isAtCount(_ service: ServiceState, _ tasks: [TaskState]) -> Bool {
    switch service.mode {
    case .replicated, .global:
      service.running == service.desired && wanted(tasks) == service.desired
    case .replicatedJob, .globalJob:
      service.running == 0 && service.completed >= service.desired
    }
  }

  /// How many tasks run and are wanted.
  private static func wanted(_ tasks: [TaskState]) -> Int { tasks.filter { $0.state == .running && $0.desired == .running }.count }

  /// ` (task starting; 3 failed, last exit 1)`: the newest task that should run, and what became of those before it.
  private static func detail(_ tasks: [TaskState]) -> String {
    var parts: [String] = []
    let coming = tasks.first { ($0.desired == .running || $0.desired == .ready) && $0.state != .running }
    let ended = tasks.prefix(1).first { $0.state == .failed || $0.state == .rejected || $0.state == .complete }
    if let task = coming ?? ended {
      parts.append(task.error.isEmpty ? "task \(task.state)" : "task \(task.state): \(task.error)")
    }
    if tasks.contains(where: { $0.state == .running && $0.desired != .running }) { parts.append("an old task still stops") }
    let failed = tasks.filter { $0.state == .failed }
    if let last = failed.first, tasks.first?.state != .failed || failed.count > 1 {
      parts.append("\(failed.count) failed\(last.exitCode.map { ", last exit \($0)" } ?? "")")
    }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
  }
}

public import FoundationEssentials

/// Whether swarm really finished the update that a redeploy asked for.
///
/// Health alone would be green: after a failed update swarm restores the old spec, labels included, while the old task serves on.
public enum UpdateProof {
  /// What became of one service.
  public enum Service: Sendable, Equatable {
    /// Its tasks are what they were; there was nothing to replace.
    case unchanged
    /// Swarm is replacing tasks, or is about to.
    case inFlight
    case finished
    /// `paused` or `rollback_*`, with swarm's message.
    case failed(state: String, message: String)
  }

  /// Judges every service of `now` that was there `before` (by id); new ones are only a matter of `Convergence`.
  ///
  /// `before` is a view from before the redeploy, `now` one that began after it returned, so that every new spec is registered.
  /// - An `UpdateStatus` whose `StartedAt` is newer than before decides by its state. This comes first: after a rollback the template
  ///   is the old one again.
  /// - Otherwise the service is *changed* when its template or its endpoint (published ports, VIP or DNS: swarm replaces tasks for these
  ///   too) differs from before, or when a task that swarm wants running comes from another template than the service's.
  /// - Not changed: **unchanged, at once**. Swarm replaces a task only when template or endpoint differ from the task's own, so nothing
  ///   can come, and waiting out the grace would cost every upgrade 30 s for nothing.
  /// - Changed, with as many tasks as wanted, all of them of the new template: finished, there was nothing to replace. Measured: 0
  ///   replicas before or after never get an `UpdateStatus`. (A view reads tasks before services: had an update made these tasks,
  ///   it would show.)
  /// - Changed otherwise: in flight; swarm begins within milliseconds. The grace (`graceOver`: 30 s since the redeploy) is for the one
  ///   change that may never begin, placement: constraints that the node satisfies anyway replace no task (measured).
  public static func judge(before: StackView, now: StackView, graceOver: Bool) -> [String: Service] {
    var result: [String: Service] = [:]
    for service in now.services {
      guard let old = before.services.first(where: { $0.id == service.id }) else { continue }
      result[service.shortName] = judge(old, service, in: now, graceOver: graceOver)
    }
    return result
  }

  /// Seconds after the redeploy in which a change may still turn out to replace tasks.
  public static let grace: Double = 30

  /// The same as one judgement for a wait, with convergence: waits while anything moves, then fails when an update failed.
  /// `redeployed` is when the redeploy returned.
  public static func judgement(before: StackView, now: StackView, redeployed: Date) -> Convergence.Judgement {
    let graceOver = now.at.timeIntervalSince(redeployed) >= grace
    let services = judge(before: before, now: now, graceOver: graceOver).sorted { $0.key < $1.key }
    let failures = services.compactMap { name, state -> String? in
      guard case .failed(let word, let message) = state else { return nil }
      return message.isEmpty ? "\(name): \(word)" : "\(name): \(word): \(message)"
    }
    let moving = now.services.contains { $0.update?.state.isInFlight == true }
    let waiting = services.filter { $0.value == .inFlight }.map { "\($0.key): update not finished" }
    if !failures.isEmpty, !moving, waiting.isEmpty { return .failed(reasons: failures) }
    switch Convergence.judge(now) {
    case .waiting(let reasons): return .waiting(reasons: failures + reasons)
    case .failed(let reasons): return .failed(reasons: failures + reasons)
    case .converged: return waiting.isEmpty ? .converged : .waiting(reasons: failures + waiting)
    }
  }

  private static func judge(_ old: ServiceState, _ service: ServiceState, in now: StackView, graceOver: Bool) -> Service {
    if let update = service.update, hasAdvanced(from: old.update, to: update) {
      switch update.state {
      case .updating: return .inFlight
      case .completed: return .finished
      case .paused, .rollbackStarted, .rollbackPaused, .rollbackCompleted:
        return .failed(state: update.state.rawValue, message: update.message)
      }
    }
    let live = now.tasks(of: service).filter { $0.desired == .running && !$0.state.hasEnded }
    let isStale = live.contains { $0.template.work != service.template.work }
    let hasMoved = service.endpoint != old.endpoint
    guard hasMoved || isStale || service.template != old.template else { return .unchanged }
    guard !isStale, live.count == service.desired, !hasMoved || live.isEmpty else { return .inFlight }
    return graceOver || live.allSatisfy { $0.template == service.template } ? .finished : .inFlight
  }

  /// A later `StartedAt`, or one at all where there was none.
  private static func hasAdvanced(from old: ServiceState.Update?, to new: ServiceState.Update) -> Bool {
    guard let started = new.startedAt else { return false }
    guard let before = old?.startedAt else { return true }
    return started > before
  }
}

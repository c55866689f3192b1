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

  /// Judges every service of `now` that was there `before`; new ones are only a matter of `Convergence`.
  ///
  /// `before` is a view from before the redeploy, `now` one that began after it returned, so that every new spec is registered.
  /// - An `UpdateStatus` whose `StartedAt` is newer than before decides by its state. This comes first: after a rollback the template
  ///   is the old one again.
  /// - Otherwise, a changed template or endpoint, or a task that swarm wants running from another template than the service's, is
  ///   in flight: swarm has not begun yet (it does so within milliseconds).
  /// - Otherwise the service is unchanged, **at once**. Swarm replaces tasks only when template or endpoint differ from the task's own;
  ///   when they are equal nothing can come, and waiting out the grace would cost every upgrade 30 s for nothing.
  /// - The grace (`graceOver`, 30 s after the redeploy) therefore ends only the other wait: a change for which swarm never replaces a
  ///   task. Two were measured: a service with 0 replicas, and new placement constraints that the node satisfies anyway. Such a service
  ///   is finished once every task that should run is of its template but for placement; with 0 replicas at once.
  public static func judge(before: StackView, now: StackView, graceOver: Bool) -> [String: Service] {
    var result: [String: Service] = [:]
    for service in now.services {
      guard let old = before.services.first(where: { $0.name == service.name }) else { continue }
      result[service.shortName] = judge(old, service, in: now, graceOver: graceOver)
    }
    return result
  }

  /// The same as one judgement for a wait, with convergence: waits while anything moves, then fails when an update failed.
  public static func judgement(before: StackView, now: StackView, graceOver: Bool) -> Convergence.Judgement {
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
    let changed = service.template != old.template || service.endpoint != old.endpoint
    guard changed || live.contains(where: { $0.template.work != service.template.work }) else { return .unchanged }
    if service.desired == 0, live.isEmpty { return .finished }
    let settled = live.count == service.desired && live.allSatisfy { $0.template.work == service.template.work }
    return graceOver && settled && service.endpoint == old.endpoint ? .finished : .inFlight
  }

  /// A later `StartedAt`, or one at all where there was none.
  private static func hasAdvanced(from old: ServiceState.Update?, to new: ServiceState.Update) -> Bool {
    guard let started = new.startedAt else { return false }
    guard let before = old?.startedAt else { return true }
    return started > before
  }
}

import FoundationEssentials

/// Why a wait failed: whose fault it is, in words for the result.
public enum WaitCause: Sendable, Equatable {
  /// The host, the network or a registry: the run cannot be judged.
  case infra(String)
  /// The recipe.
  case fail(String)

  /// Looks at a stack that has not converged in time; nil when it has.
  ///
  /// Of each service the worst living task counts, or else the newest ended one with a story; and of the services the worst in this
  /// order, so that a recipe is never blamed for what the host withheld: an image that cannot be pulled; a task that has been waiting
  /// for an address or a node for at least `stuckAfter` seconds (younger ones are on their way); one that is still being prepared
  /// (pulled); then failures with their exit code; then whatever is not running yet. Measured on a network with no address left: tasks
  /// stay `new` with no other word than `created`, those that got one stay `preparing`; the VIP message is only in the engine's journal.
  public static func of(_ view: StackView, stuckAfter: Double = 10) -> WaitCause? {
    guard case .waiting(let reasons) = Convergence.judge(view) else { return nil }
    let lacking = view.services.filter { $0.running < $0.desired || $0.update?.state.isInFlight == true }
    let causes = lacking.compactMap { service in
      let tasks = view.tasks(of: service)
      let ended = tasks.filter(\.state.hasEnded).lazy.compactMap { cause(of: $0, service.shortName, at: view.at, stuckAfter) }
      let living = tasks.filter { !$0.state.hasEnded }.compactMap { cause(of: $0, service.shortName, at: view.at, stuckAfter) }
      return living.min { $0.rank < $1.rank } ?? ended.first
    }
    return causes.min { $0.rank < $1.rank }?.cause ?? .fail("not ready in time: \(reasons.joined(separator: "; "))")
  }

  private static func cause(of task: TaskState, _ name: String, at: Date, _ stuckAfter: Double) -> (rank: Int, cause: WaitCause)? {
    let words = task.error.isEmpty ? task.message : task.error
    let isStuck = at.timeIntervalSince(task.created) >= stuckAfter && task.desired == .running
    switch task.state {
    case .rejected where isAboutImage(words):
      return (0, .infra("\(name): image \(task.image) cannot be pulled: \(words)"))
    case .new, .allocated, .pending:
      let address = task.attachments.isEmpty ? " without an address (swarm's journal says why)" : ""
      return isStuck ? (1, .infra("\(name): task is stuck in \(task.state)\(address): \(words)")) : nil
    case .preparing:
      return isStuck ? (2, .infra("\(name): task is stuck in preparing: image \(task.image) or its network was not ready in time")) : nil
    case .rejected where words.contains("bind source path does not exist"):
      return (1, .infra("\(name): the host lacks a file: \(words)"))
    case .failed:
      let code = task.exitCode.map { "exit \($0)" } ?? "could not start"
      return (3, .fail("\(name): \(code)\(words.isEmpty ? "" : " (\(words))")"))
    case .rejected:
      return (4, .fail("\(name): task was rejected: \(words)"))
    case .assigned, .accepted, .ready, .starting, .running, .complete, .shutdown, .remove, .orphaned:
      return nil
    }
  }

  /// What engines and registries say when an image does not come.
  static func isAboutImage(_ words: String) -> Bool {
    let lower = words.lowercased()
    return [
      "no such image", "toomanyrequests", "manifest unknown", "manifest for ", "pull access denied", "unauthorized", "repository does not",
      "failed to pull", "no basic auth", "registry", "no matching manifest", "i/o timeout", "tls handshake",
    ].contains { lower.contains($0) }
  }
}

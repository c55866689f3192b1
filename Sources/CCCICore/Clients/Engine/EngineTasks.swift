extension Engine {
  /// One look at a stack: tasks with the health of their containers, then services (three calls, about 3 ms).
  ///
  /// The services come last on purpose: an update's `StartedAt` is written before its first new task, so a view that shows
  /// new tasks always shows the update that made them.
  public func view(stack: String) async throws(Failure) -> StackView {
    let at = host.now()
    let tasks = try await tasks(stack: stack)
    return StackView(services: try await services(stack: stack), tasks: tasks, at: at)
  }

  /// Every task of a stack that swarm still lists, of all states, oldest first.
  public func tasks(stack: String) async throws(Failure) -> [TaskState] {
    async let wires = Result { () async throws(Failure) in try await self.list(TaskWire.self, "/tasks", .stack(stack)) }
    async let containers = Result { () async throws(Failure) in try await self.containers(stack: stack) }
    let health = Dictionary(try await containers.get().map { ($0.id, $0.health) }) { first, _ in first }
    return try await wires.get().map { $0.state(health: $0.containerID.flatMap { health[$0] }) }
      .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }
}

extension Result where Failure == CCCICore.Failure {
  /// An asynchronous call as a value, so that `async let` keeps the type of its error.
  fileprivate init(_ work: () async throws(CCCICore.Failure) -> Success) async {
    do {
      self = .success(try await work())
    } catch {
      self = .failure(error)
    }
  }
}

/// What may end a run before its end: a signal, or its own deadline. Either cancels the work; the teardown is not part of the work.
public struct Stops: Sendable {
  public let gate: SignalGate
  public let deadline: ContinuousClock.Instant
  public let limit: Duration

  public static func install(limit: Duration) throws(Failure) -> Stops {
    Stops(gate: try SignalGate.install(), deadline: .now + limit, limit: limit)
  }

  /// Runs the work. When it was ended from outside, the failure is the true cause, not the step that noticed.
  public func during<Value: Sendable>(_ work: @escaping @Sendable () async throws(Failure) -> Value) async throws(Failure) -> Value {
    let task = Task { () async -> Result<Value, Failure> in
      do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
    }
    gate.onFirst { _ in task.cancel() }
    let alarm = Task {
      do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
      task.cancel()
    }
    let result = await task.value
    alarm.cancel()
    switch result {
    case .success(let value): return value
    case .failure(let failure): throw cause ?? failure
    }
  }

  /// The stop, if there was one.
  public var cause: Failure? {
    if let signal = gate.first {
      return Failure(.stopped(signal: signal), "stopped by signal \(signal)", next: "nothing is left behind; run it again when you like")
    }
    guard ContinuousClock.now >= deadline else { return nil }
    return Failure(
      .timedOut, "the run's own deadline of \(Int(limit.seconds / 60)) min passed",
      next: "see which phase took the time, or raise [run] deadline")
  }
}

import Glibc

/// What may end a run before its end: a signal, its own deadline, the end of its caller, a build that Drone has cancelled.
///
/// The first one counts and cancels the work; the teardown is not part of the work.
public final class Stops: Sendable {
  public let deadline: ContinuousClock.Instant
  private let gate: SignalGate
  private let state = Locked(State())

  private struct State {
    var cause: Failure?
    var cancel: (@Sendable () -> Void)?
  }

  private init(gate: SignalGate, limit: Duration) {
    self.gate = gate
    deadline = .now + limit
  }

  /// Signals are obeyed from now on, and the time runs.
  ///
  /// - Parameter diesWithParent: the end of the process that started us is a stop too.
  public static func install(limit: Duration, diesWithParent: Bool) throws(Failure) -> Stops {
    let stops = Stops(gate: try SignalGate.install(), limit: limit)
    stops.gate.onFirst { number in
      stops.end(
        Failure(.stopped(signal: number), "stopped by signal \(number)", next: "nothing is left behind; run it again when you like"))
    }
    Task { [deadline = stops.deadline] in
      do { try await Task.sleep(until: deadline, clock: .continuous) } catch { return }
      stops.end(
        Failure(
          .timedOut, "the run's own deadline of \(DurationText.format(limit)) passed",
          next: "see which phase took the time, or raise [run] deadline"))
    }
    guard diesWithParent else { return stops }
    _ = try ParentWatch { [parent = getppid()] in
      stops.end(
        Failure(
          .stopped(signal: SIGTERM), "the process that started this run has ended", why: "process \(parent), as when Drone cancels a build",
          next: "nothing is left behind; run it again when you like"))
    }
    return stops
  }

  /// Ends the work. Only the first cause counts.
  public func end(_ cause: Failure) {
    let cancel = state.withLock { state in
      guard state.cause == nil else { return nil as (@Sendable () -> Void)? }
      state.cause = cause
      return state.cancel
    }
    cancel?()
  }

  /// Runs the work. When it was ended from outside, the failure is the true cause, not the step that noticed.
  public func during<Value: Sendable>(_ work: @escaping @Sendable () async throws(Failure) -> Value) async throws(Failure) -> Value {
    let task = Task { () async -> Result<Value, Failure> in
      do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
    }
    let isOver = state.withLock { state in
      state.cancel = { task.cancel() }
      return state.cause != nil
    }
    if isOver { task.cancel() }
    let result = await task.value
    state.withLock { $0.cancel = nil }
    switch result {
    case .success(let value): return value
    case .failure(let failure): throw cause ?? failure
    }
  }

  /// The stop, if there was one.
  public var cause: Failure? { state.withLock { $0.cause } }
}

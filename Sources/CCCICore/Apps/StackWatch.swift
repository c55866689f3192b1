public import FoundationEssentials

/// Waits until a stack has come to rest: looks at it on every event of its containers and services, and once a second anyway.
public struct StackWatch: Sendable {
  public let engine: Engine
  public let stack: String
  /// The moment before the op: events and failures count from here.
  public let since: Date
  public let thresholds: CrashLoop.Thresholds
  /// Gets the reasons of a wait whenever they change, for the log.
  public let progress: @Sendable ([String]) -> Void

  public enum Ending: Sendable, Equatable {
    case converged(StackView)
    /// Came to rest in a state that is not the wanted one: the judge's reasons.
    case failed(reasons: [String], StackView)
    /// With the last 20 lines of the newest failed task.
    case crashLoop(CrashLoop.Verdict, log: [String])
    case timedOut(reasons: [String], cause: WaitCause?)
  }

  public struct Result: Sendable, Equatable {
    public var ending: Ending
    /// Milliseconds from the newest event's own time stamp to the return; nil when no event came before the end.
    public var noticed: Double?
    /// How often the engine was asked.
    public var looks: Int
  }

  public init(
    engine: Engine, stack: String, since: Date, thresholds: CrashLoop.Thresholds = CrashLoop.Thresholds(),
    progress: @escaping @Sendable ([String]) -> Void = { _ in }
  ) {
    self.engine = engine
    self.stack = stack
    self.since = since
    self.thresholds = thresholds
    self.progress = progress
  }
}

extension StackWatch {
  /// Waits until the judge is content, a service loops, or the deadline has passed. Fails when the engine stops answering or the task
  /// is cancelled. The judge sees every view; a crash loop is only looked for while it says `waiting`.
  public func wait(
    until deadline: ContinuousClock.Instant, judge: @Sendable (StackView) -> Convergence.Judgement = { Convergence.judge($0) }
  ) async throws(Failure) -> Result {
    let bell = StackBell(engine: engine, stack: stack, since: since)
    defer { bell.stop() }
    var history = TaskHistory(stack: stack, since: since)
    var pace = StackPace()
    var reasons: [String] = []
    for await _ in bell.rings {
      let events = bell.take()
      for event in events { history.add(event) }
      guard pace.isDue(after: events, at: .now, deadline: deadline) else { continue }
      let view = try await engine.view(stack: stack)
      history.add(view)
      switch judge(view) {
      case .converged:
        return result(.converged(view), pace)
      case .failed(let why):
        return result(.failed(reasons: why, view), pace)
      case .waiting(let why):
        if why != reasons { progress(why) }
        reasons = why
      }
      if let loop = CrashLoop.judge(history, now: view.at, thresholds: thresholds) {
        return result(.crashLoop(loop, log: await log(of: loop)), pace)
      }
      if ContinuousClock.now >= deadline { return result(.timedOut(reasons: reasons, cause: WaitCause.of(view)), pace) }
    }
    throw .cancelled
  }

  private func result(_ ending: Ending, _ pace: StackPace) -> Result {
    let noticed = pace.looks > 1 ? pace.newest.map { engine.host.now().timeIntervalSince($0) * 1000 } : nil
    return Result(ending: ending, noticed: noticed, looks: pace.looks)
  }

  /// The last 20 lines, or why there are none.
  private func log(of loop: CrashLoop.Verdict) async -> [String] {
    do throws(Failure) {
      let text =
        if let container = loop.containerID { try await engine.logs(container: container, tail: 20) } else {
          try await engine.logs(loop.task, tail: 20)
        }
      return text.split(separator: "\n").suffix(20).map(String.init)
    } catch {
      return ["no log: \(error.sentence)"]
    }
  }
}

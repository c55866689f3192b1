import Glibc

/// Ends the processes of one call when its time is up or its task was cancelled, and says which.
final class CallWatch: Sendable {
  enum Verdict: Sendable { case ran, timedOut, cancelled }

  /// How long a family has between TERM and KILL.
  static let grace: Duration = .seconds(2)

  private struct State {
    var verdict: Verdict?
    var sleeper: Task<Bool, Never>?
  }
  private let state = Locked(State())

  /// From now on the family lives at most `limit`. The answer comes after `finish` or `cancel` or the limit, when nothing of a family
  /// that had to be ended lives any more: the verdict, and how many beside the program were killed.
  func start(_ family: CallFamily, limit: Duration) -> Task<(Verdict, Int), Never> {
    let sleeper = Task.detached { await Self.passed(limit) }
    let decided = state.withLock { state in
      state.sleeper = sleeper
      return state.verdict != nil
    }
    if decided { sleeper.cancel() }
    return Task.detached {
      let verdict = self.decide(await sleeper.value ? .timedOut : .cancelled)
      return (verdict, verdict == .ran ? 0 : await Self.end(family))
    }
  }

  /// The program has ended by itself.
  func finish() { decide(.ran) }

  /// Nobody wants the result any more.
  func cancel() { decide(.cancelled) }

  /// The first word counts.
  @discardableResult
  private func decide(_ verdict: Verdict) -> Verdict {
    let (final, sleeper) = state.withLock { state in
      state.verdict = state.verdict ?? verdict
      return (state.verdict ?? verdict, state.sleeper)
    }
    sleeper?.cancel()
    return final
  }

  /// TERM, up to `grace` for everybody to end, KILL until nobody is left.
  private static func end(_ family: CallFamily) async -> Int {
    await PosixThread.run {
      let deadline = ContinuousClock.now + grace
      family.terminate()
      var pause: UInt32 = 2_000
      while ContinuousClock.now < deadline, !family.isEmpty {
        usleep(pause)
        pause = min(2 * pause, 50_000)
      }
      return family.kill()
    }
  }

  /// False when the sleep was cut short.
  private static func passed(_ limit: Duration) async -> Bool {
    do {
      try await Task.sleep(for: limit)
      return true
    } catch {
      return false
    }
  }
}

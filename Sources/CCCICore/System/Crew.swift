/// Several threads at one job, as files want it: many reads and writes in flight, whatever the number of processors.
public enum Crew {
  /// Calls `body` on so many threads at once and returns when all have ended. The first failure is thrown then.
  ///
  /// Blocks: call it on a thread of our own (`PosixThread.run`). A thread that the system does not give us is simply missing; when it gives
  /// none, `body` runs in place once.
  public static func work(_ threads: Int, _ body: @escaping @Sendable (Int) throws(Failure) -> Void) throws(Failure) {
    let state = Monitor<(running: Int, failure: Failure?)>((0, nil))
    let job: @Sendable (Int) -> Void = { number in
      var problem: Failure?
      do throws(Failure) { try body(number) } catch { problem = error }
      state.change { state in
        state.running -= 1
        if state.failure == nil { state.failure = problem }
      }
    }
    var started = 0
    for number in 0..<max(1, threads) {
      state.change { $0.running += 1 }
      if PosixThread.start({ job(number) }) { started += 1 } else { state.change { $0.running -= 1 } }
    }
    if started == 0 {
      state.change { $0.running += 1 }
      job(0)
    }
    let failure: Failure?? = state.wait { state in state.running == 0 ? .some(state.failure) : nil }
    if let failure, let failure { throw failure }
  }

  /// Calls `body` for every index below `count`, several at once, in rising order of their beginning. After a failure no new one begins.
  public static func each(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws(Failure) -> Void
  ) throws(Failure) {
    guard count > 0 else { return }
    let next = Locked(0)
    try work(min(threads, count)) { _ throws(Failure) in
      while let index = next.withLock({ (next: inout Int) -> Int? in
        guard next < count else { return nil }
        defer { next += 1 }
        return next
      }) {
        do throws(Failure) { try body(index) } catch {
          next.withLock { $0 = count }
          throw error
        }
      }
    }
  }
}

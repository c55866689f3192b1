/// Measures how long a process waits for others: programs, requests, sleeps. What is left of the wall time is its own.
///
/// Overlapping waits count once.
public final class Meter: Sendable {
  private struct State {
    var waits = 0
    var since = ContinuousClock.now
    var waited: Duration = .zero
  }
  private let state = Locked(State())
  private let started = ContinuousClock.now

  public init() {}

  /// The same host, with every wait on it measured.
  public func metering(_ host: Host) -> Host {
    Host(
      run: { (command) async throws(Failure) -> CommandResult in
        self.begin()
        defer { self.end() }
        return try await host.run(command)
      },
      send: { (request) async throws(HTTPError) -> HTTPResponse in
        self.begin()
        defer { self.end() }
        return try await host.send(request)
      },
      now: host.now,
      sleep: { (duration) async throws(Failure) in
        self.begin()
        defer { self.end() }
        try await host.sleep(duration)
      })
  }

  /// Time since the start that was spent in no wait.
  public var own: Duration {
    let waited = state.withLock { $0.waits > 0 ? $0.waited + (ContinuousClock.now - $0.since) : $0.waited }
    return ContinuousClock.now - started - waited
  }

  private func begin() {
    state.withLock { state in
      if state.waits == 0 { state.since = .now }
      state.waits += 1
    }
  }

  private func end() {
    state.withLock { state in
      state.waits -= 1
      if state.waits == 0 { state.waited += ContinuousClock.now - state.since }
    }
  }
}

public import FoundationEssentials

extension Engine {
  /// What happens to containers and services from a moment on, that moment's past included: subscribe with the time before an op.
  ///
  /// The past is short: the engine keeps the last 256 events of every kind, and each health probe makes three (measured: replay of a
  /// minute lost every container event). So subscribe before the op or soon after it, and never rely on the replay.
  ///
  /// Never ends by itself: a broken connection (the engine restarts) is taken up again after a second where it broke off.
  /// Ends when the consumer stops or its task is cancelled. It says nothing of tasks that wait or are rejected, so it goes
  /// with a poll, and it is that poll that reports an engine which is gone for good.
  public func events(since: Date) -> AsyncStream<EngineEvent> {
    AsyncStream { events in
      let pump = Task {
        let last = Locked(since)
        while !Task.isCancelled {
          await follow(since: last.withLock { $0 }) { event in
            last.withLock { $0 = max($0, event.time.addingTimeInterval(0.000_001)) }
            events.yield(event)
          }
          do throws(Failure) { try await host.sleep(.seconds(1)) } catch { break }
        }
        events.finish()
      }
      events.onTermination = { _ in pump.cancel() }
    }
  }

  /// One connection, until it ends. Lines that do not parse are passed over: what they hide is found by the poll.
  private func follow(since: Date, _ found: @escaping @Sendable (EngineEvent) -> Void) async {
    let filters = [
      "type": ["container", "service"], "event": ["start", "die", "oom", "health_status", "update", "remove"],
    ]
    let lines = Locked(EngineLines())
    var request = request(.get, "/events", EngineQuery().adding("since", EngineTime.text(since)).filtered(filters), limit: nil)
    request.onChunk = { piece in
      for line in lines.withLock({ $0.add(piece) }) {
        if case .success(let event) = Result(catching: { try JSONDecoder().decode(EngineEvent.self, from: Data(line)) }) { found(event) }
      }
    }
    do throws(HTTPError) { _ = try await host.send(request) } catch { return }
  }
}

import FoundationEssentials

/// Rings for every event of a stack and every 25 ms; the events are taken along.
struct StackBell {
  let rings: AsyncStream<Void>
  private let events = Locked<[EngineEvent]>([])
  private let feeders: [Task<Void, Never>]

  init(engine: Engine, stack: String, since: Date) {
    let (rings, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let events = events
    let listen = Task {
      for await event in engine.events(since: since) where event.concerns(stack: stack) {
        events.withLock { $0.append(event) }
        ring.yield()
      }
    }
    let tick = Task {
      ring.yield()
      do throws(Failure) {
        while !Task.isCancelled {
          try await engine.host.sleep(.milliseconds(25))
          ring.yield()
        }
      } catch { ring.finish() }
    }
    self.rings = rings
    feeders = [listen, tick]
  }

  /// What came since the last time.
  func take() -> [EngineEvent] {
    events.withLock { all in
      defer { all = [] }
      return all
    }
  }

  func stop() {
    for feeder in feeders { feeder.cancel() }
  }
}

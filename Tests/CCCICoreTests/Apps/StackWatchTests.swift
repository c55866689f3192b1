import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Watching a stack")
struct StackWatchTests {
  /// Shows one recorded situation after the other, each for so many looks, the last one for ever.
  private func watch(_ situations: (String, Int)..., progress: @escaping @Sendable ([String]) -> Void = { _ in }) -> StackWatch {
    let looks = Locked(0)
    let host = Host(
      run: { _ throws(Failure) in throw Failure(.bug, "no program here") },
      send: { request throws(HTTPError) in
        let path = request.url.split(separator: "?")[0].replacing("http://engine/v1.41/", with: "")
        guard path != "events" else { throw HTTPError(.broken, "no events here") }
        var left = looks.withLock { count in
          if path == "services" { count += 1 }
          return path == "services" ? count : count + 1
        }
        let now = situations.first { situation in
          left -= situation.1
          return left <= 0
        }
        do {
          return try .recorded("\((now ?? situations[situations.count - 1]).0).\(path.replacing("/json", with: "")).json")
        } catch { throw HTTPError(.broken, "\(error)") }
      },
      now: { Date() },
      sleep: { duration throws(Failure) in
        do { try await Task.sleep(for: duration) } catch { throw .cancelled }
      })
    return StackWatch(engine: Engine(host: host, socket: "x"), stack: "enginetest-f", since: Date(), progress: progress)
  }

  @Test("it ends as soon as a look shows convergence, and tells the reasons once each")
  func converges() async throws {
    let told = Locked<[[String]]>([])
    let watch = watch(("starting", 1), ("steady", 1)) { reasons in told.withLock { $0.append(reasons) } }
    let result = try await watch.wait(until: .now + .seconds(300))
    guard case .converged(let view) = result.ending else { return #expect(Bool(false), "\(result)") }
    #expect(view.service("app")?.running == 1 && result.looks == 2)
    #expect(told.withLock { $0 } == [["app: 0 of 1 running (task starting)"]])
  }

  @Test("it ends with the judge's reasons when the judge has given up")
  func gives() async throws {
    let before = try await recordedView("steady")
    let result = try await watch(("updating", 1), ("paused", 1)).wait(until: .now + .seconds(300)) {
      UpdateProof.judgement(before: before, now: $0, redeployed: $0.at)
    }
    guard case .failed(let reasons, _) = result.ending else { return #expect(Bool(false), "\(result)") }
    #expect(reasons.count == 1 && reasons[0].hasPrefix("app: paused: update paused due to failure"))
  }

  @Test("it ends at the deadline with the reasons and the cause")
  func times() async throws {
    let result = try await watch(("paused", 1)).wait(until: .now + .milliseconds(200))
    let reason = "app: 0 of 1 running (task starting; 2 failed, last exit 4)"
    #expect(result.ending == .timedOut(reasons: [reason], cause: .fail("app: exit 4 (task: non-zero exit (4))")))
    #expect(result.looks >= 1)
  }

  @Test("it stops at once when its task is cancelled")
  func cancelled() async throws {
    let watch = watch(("starting", 1))
    let task = Task { try await watch.wait(until: .now + .seconds(60)) }
    try await Task.sleep(for: .milliseconds(100))
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: Failure.cancelled) { try await task.value }
    #expect(start.duration(to: .now) < .seconds(30))
  }

  @Test("it fails when the engine stops answering")
  func silent() async {
    let engine = FakeEngine(silence: HTTPError(.connect, "refused")).engine
    await #expect {
      try await StackWatch(engine: engine, stack: "s", since: Date()).wait(until: .now + .seconds(5))
    } throws: {
      ($0 as? Failure)?.code == .unavailable
    }
  }

  @Test("it looks at once after an event, often for a while, then once a second")
  func pace() {
    var pace = StackPace()
    let start = ContinuousClock.now
    let later = start + .seconds(100)
    let due = { (milliseconds: Int, events: [EngineEvent]) in
      pace.isDue(after: events, at: start + .milliseconds(milliseconds), deadline: later)
    }
    let event = EngineEvent(type: "container", action: "start", id: "c", attributes: [:], time: second(1))
    #expect(due(0, []))
    #expect(!due(25, []))
    #expect(due(50, [event]))
    #expect(due(75, []))
    #expect(due(625, []))
    #expect(!due(675, []))
    #expect(due(1650, []))
    #expect(pace.looks == 5 && pace.newest == second(1))
  }
}

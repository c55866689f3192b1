import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Watching the real swarm", .enabled(if: hasWorld, "CCCI_WORLD_TESTS is not set"), .serialized, .timeLimit(.minutes(5)))
struct LiveWatchTests {
  private let check = #"healthcheck: {test: ["CMD", "test", "-e", "/tmp/ok"], interval: 1s, retries: 30}"#
  private let update = #"update_config: {failure_action: rollback, order: start-first, monitor: 3s}"#

  @Test("a good deploy is noticed within tens of milliseconds")
  func good() async throws {
    try await LiveStack.with("good") { stack in
      let slow = service("app", "sleep 2; touch /tmp/ok; sleep 1000", more: check)
      let before = try await stack.deploy(slow + "\n" + service("off", "true", deploy: "replicas: 0"))
      let result = try await stack.watch(since: before).wait(until: .now + .seconds(60))
      guard case .converged(let view) = result.ending else { return #expect(Bool(false), "\(result)") }
      let app = try #require(view.service("app"))
      let task = try #require(view.tasks(of: app).first)
      let behind = Date().timeIntervalSince(task.updated) * 1000
      print("good deploy: noticed \(result.noticed ?? -1) ms after the event, \(behind) ms after the manager knew, \(result.looks) looks")
      #expect(task.healthy == true && task.state == .running)
      #expect(try #require(result.noticed) < 1000)
    }
  }

  @Test("a crash loop ends with the exit code and the last lines")
  func crash() async throws {
    try await LiveStack.with("crash") { stack in
      let fast = "restart_policy: {delay: 1s}"
      let before = try await stack.deploy(service("app", "echo one; echo two >&2; exit 3", deploy: fast))
      let result = try await stack.watch(since: before, .init(failures: 3, after: 5)).wait(until: .now + .seconds(90)) {
        Convergence.judge($0, steady: 60)
      }
      guard case .crashLoop(let verdict, let log) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(verdict.service == "app" && verdict.exitCode == 3 && verdict.failures >= 3)
      #expect(verdict.error == "task: non-zero exit (3)")
      #expect(log.sorted() == ["one", "two"])
    }
  }

  @Test("an update that rolls back is a failure although everything runs")
  func rollback() async throws {
    try await LiveStack.with("rollback") { stack in
      let before = try await installed(stack)
      let since = try await stack.deploy(service("app", "exit 3", deploy: "labels: {v: '2'}, \(update)"))
      let result = try await stack.watch(since: since).wait(until: .now + .seconds(90)) { proof(before, $0) }
      guard case .failed(let reasons, let view) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(reasons == ["app: rollback_completed: rollback completed"])
      #expect(Convergence.judge(view) == .converged || view.service("app")?.running == 2)
      #expect(view.service("app")?.template == before.service("app")?.template && view.service("app")?.labels["v"] == "1")
    }
  }

  @Test("an update that swarm pauses is a failure in swarm's words")
  func paused() async throws {
    try await LiveStack.with("paused") { stack in
      let before = try await installed(stack)
      let since = try await stack.deploy(service("app", "exit 4", deploy: "update_config: {failure_action: pause, order: stop-first}"))
      let result = try await stack.watch(since: since).wait(until: .now + .seconds(90)) { proof(before, $0) }
      guard case .failed(let reasons, _) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(reasons.count == 1 && reasons[0].hasPrefix("app: paused: update paused due to failure or early termination of task"))
    }
  }

  @Test("a good update is finished only when swarm says so")
  func updated() async throws {
    try await LiveStack.with("updated") { stack in
      let before = try await installed(stack)
      let since = try await stack.deploy(service("app", "sleep 2000", deploy: update))
      let result = try await stack.watch(since: since).wait(until: .now + .seconds(90)) { proof(before, $0) }
      guard case .converged(let view) = result.ending else { return #expect(Bool(false), "\(result)") }
      print("good update: noticed \(result.noticed ?? -1) ms, \(result.looks) looks")
      #expect(UpdateProof.judge(before: before, now: view, graceOver: false) == ["app": .finished])
    }
  }

  @Test("a label-only change is done at once, and so is a change with no replicas")
  func nothing() async throws {
    try await LiveStack.with("nothing") { stack in
      let before = try await installed(stack)
      try await stack.deploy(service("app", "sleep 1000", deploy: "labels: {v: '2'}, \(update)"))
      let start = ContinuousClock.now
      let result = try await stack.watch(since: Date()).wait(until: .now + .seconds(40)) { proof(before, $0) }
      guard case .converged(let view) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(start.duration(to: .now) < .seconds(1) && view.service("app")?.labels["v"] == "2" && view.service("app")?.update == nil)
      try await stack.deploy(service("app", "sleep 3000", deploy: "replicas: 0"))
      let off = try await stack.watch(since: Date()).wait(until: .now + .seconds(40)) { proof(view, $0) }
      guard case .converged(let view) = off.ending else { return #expect(Bool(false), "\(off)") }
      #expect(UpdateProof.judge(before: before, now: view, graceOver: false) == ["app": .finished])
    }
  }

  @Test("new placement that the node satisfies is finished after the grace, and a new endpoint is an update")
  func placement() async throws {
    try await LiveStack.with("placement") { stack in
      let before = try await installed(stack)
      try await stack.deploy(service("app", "sleep 1000", deploy: "placement: {constraints: [node.role == manager]}, \(update)"))
      try await Task.sleep(for: .seconds(3))
      let view = try await liveEngine.view(stack: stack.name)
      #expect(UpdateProof.judge(before: before, now: view, graceOver: false) == ["app": .inFlight])
      #expect(UpdateProof.judge(before: before, now: view, graceOver: true) == ["app": .finished])
      let since = try await stack.deploy(service("app", "sleep 1000", deploy: "endpoint_mode: dnsrr, \(update)"))
      let result = try await stack.watch(since: since).wait(until: .now + .seconds(60)) { proof(view, $0) }
      guard case .converged(let moved) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(moved.service("app")?.update?.state == .completed)
    }
  }

  @Test("a network without an address left is nobody's fault")
  func addresses() async throws {
    try await LiveStack.with("addresses") { stack in
      let small = "driver: overlay, ipam: {config: [{subnet: 10.123.45.0/29}]}"
      let before = try await stack.deploy(service("app", "sleep 1000", deploy: "replicas: 7"), network: small)
      let result = try await stack.watch(since: before).wait(until: .now + .seconds(13))
      guard case .timedOut(_, .infra(let words)) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(words == "app: task is stuck in new without an address (swarm's journal says why): created")
    }
  }

  @Test("a missing image is nobody's fault, in the engine's words")
  func image() async throws {
    try await LiveStack.with("infra") { stack in
      let missing = "  gone:\n    image: ccci/there-is-no-such-image:9\n    networks: [default]\n"
      let before = try await stack.deploy(missing)
      let result = try await stack.watch(since: before).wait(until: .now + .seconds(8))
      guard case .timedOut(let reasons, .infra(let words)) = result.ending else { return #expect(Bool(false), "\(result)") }
      #expect(words == "gone: image ccci/there-is-no-such-image:9 cannot be pulled: No such image: ccci/there-is-no-such-image:9")
      #expect(reasons.count == 1)
    }
  }

  /// The base: one running task, labelled v=1.
  private func installed(_ stack: LiveStack) async throws -> StackView {
    let before = try await stack.deploy(service("app", "sleep 1000", deploy: "labels: {v: '1'}, \(update)"))
    let result = try await stack.watch(since: before).wait(until: .now + .seconds(60))
    guard case .converged(let view) = result.ending else { throw Failure(.bug, "base did not converge", why: "\(result)") }
    return view
  }

  private func proof(_ before: StackView, _ now: StackView) -> Convergence.Judgement {
    UpdateProof.judgement(before: before, now: now, redeployed: now.at)
  }
}

import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Convergence")
struct ConvergenceTests {
  @Test(
    "a stack has converged when every count is met and nothing is in flight",
    arguments: [
      ([ServiceState.made("app")], true), ([.made("app"), .made("job", "0/0")], true), ([.made("app", "3/3")], true),
      ([.made("app", "1/1", .completed)], true), ([.made("app", "1/1", .paused)], true), ([.made("app", "1/1", .rollbackPaused)], true),
      ([.made("app", "1/1", .rollbackCompleted)], true), ([.made("app", "1/1", .updating)], false),
      ([.made("app", "1/1", .rollbackStarted)], false), ([.made("app", "0/1")], false), ([.made("app", "2/3")], false),
      ([.made("app", "2/1", .completed)], false), ([.made("app", "1/0")], false), ([.made("app"), .made("db", "0/1", .paused)], false),
      ([], false),
    ])
  func converges(services: [ServiceState], expected: Bool) {
    #expect((Convergence.judge(.made(services)) == .converged) == expected)
  }

  @Test(
    "every service that is not there yet gets one sentence",
    arguments: [
      (ServiceState.made("db", "0/1"), [TaskState.made("t", of: "db", .preparing)], "db: 0 of 1 running (task preparing)"),
      (.made("app", "1/1", .updating), [.made("t")], "app: update in progress"),
      (.made("app", "1/1", .rollbackStarted), [.made("t", .starting)], "app: rollback in progress (task starting)"),
      (.made("app", "0/1"), [], "app: 0 of 1 running"),
      (
        .made("app", "0/1"), [.made("t", .failed, at: 1, exit: 1), .made("u", .failed, at: 2, exit: 3), .made("v", .starting, at: 3)],
        "app: 0 of 1 running (task starting; 2 failed, last exit 3)"
      ),
      (
        .made("app", "0/1"), [.made("t", .rejected, error: "No such image: i:1")],
        "app: 0 of 1 running (task rejected: No such image: i:1)"
      ),
      (.made("app", "2/1", .completed), [.made("t", desired: .shutdown)], "app: 2 of 1 running (an old task still stops)"),
    ])
  func reasons(service: ServiceState, tasks: [TaskState], sentence: String) {
    #expect(Convergence.judge(.made([service], tasks)) == .waiting(reasons: [sentence]))
  }

  @Test(
    "a task without a healthcheck can be asked to stay up for a while",
    arguments: [(Bool?.none, 0.5, false), (nil, 2, true), (true, 0.1, true)])
  func steady(health: Bool?, age: Double, converged: Bool) {
    let view = StackView.made([.made("app")], [.made("t", at: 1000 - age, health: health)])
    #expect((Convergence.judge(view, steady: 2) == .converged) == converged)
    #expect(Convergence.judge(view) == .converged)
  }

  @Test("a task that swarm has told to stop, or that the listing shows as starting, does not count")
  func wanted() {
    let judge = { (task: TaskState) in Convergence.judge(.made([.made("app")], [task])) }
    #expect(judge(.made("t")) == .converged)
    #expect(judge(.made("t", desired: .shutdown)) == .waiting(reasons: ["app: 0 of 1 running (an old task still stops)"]))
    #expect(judge(.made("t", .starting)) == .waiting(reasons: ["app: 0 of 1 running (task starting)"]))
  }

  @Test("a job has converged when it has ended well")
  func job() {
    let job = ServiceState.made("job", "0/1").with { $0.mode = .replicatedJob }
    #expect(Convergence.judge(.made([job])) != .converged)
    #expect(Convergence.judge(.made([job.with { $0.completed = 1 }])) == .converged)
  }

  @Test(
    "what a real swarm showed is judged as a person would",
    arguments: [
      ("starting", "app: 0 of 1 running (task starting)"), ("steady", nil), ("completed", nil), ("rolled-back", nil),
      ("updating", "app: update in progress (task ready; an old task still stops)"),
      ("paused", "app: 0 of 1 running (task starting; 2 failed, last exit 4)"),
    ])
  func recorded(situation: String, sentence: String?) async throws {
    let expected = sentence.map { Convergence.Judgement.waiting(reasons: [$0]) } ?? .converged
    #expect(try await Convergence.judge(recordedView(situation)) == expected)
  }

  @Test("of 20 000 random views none converges while an update is in flight or a service is short", arguments: [1, 2])
  func property(seed: Int) {
    var dice = Dice(seed: seed)
    var counts = (converged: 0, waiting: 0)
    var wrong: [[ServiceState]] = []
    for _ in 0..<10_000 {
      let services = (0..<Int.random(in: 0...4, using: &dice)).map { number in
        let state = Bool.random(using: &dice) ? ServiceState.Update.State.allCases.randomElement(using: &dice) : nil
        let count = "\(Int.random(in: 0...2, using: &dice))/\(Int.random(in: 0...2, using: &dice))"
        return ServiceState.made("s\(number)", Bool.random(using: &dice) ? "1/1" : count, state)
      }
      let isShort = services.contains { $0.running != $0.desired }
      let isInFlight = services.contains { $0.update?.state == .updating || $0.update?.state == .rollbackStarted }
      let isOpen = isShort || isInFlight || services.isEmpty
      switch Convergence.judge(.made(services)) {
      case .converged:
        counts.converged += 1
        if isOpen { wrong.append(services) }
      case .waiting(let reasons):
        counts.waiting += 1
        if !isOpen || reasons.isEmpty || reasons.count > max(1, services.count) { wrong.append(services) }
      case .failed:
        wrong.append(services)
      }
    }
    #expect(wrong.isEmpty)
    #expect(counts.converged > 500 && counts.waiting > 500)
  }
}

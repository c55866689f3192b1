import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("The proof of an update")
struct UpdateProofTests {
  private func judge(_ old: ServiceState, _ new: ServiceState, _ tasks: [TaskState], graceOver: Bool = false) -> UpdateProof.Service? {
    UpdateProof.judge(before: .made([old]), now: .made([new], tasks), graceOver: graceOver)["app"]
  }

  private let old = ServiceState.made("app")
  private let new = ServiceState.made("app").with { $0.template = .made("b") }
  private let oldTask = TaskState.made("t")
  private let newTask = TaskState.made("u", at: 5, template: .made("b"))

  @Test("equal templates are unchanged at once, without any grace")
  func unchanged() {
    #expect(judge(old, old.with { $0.labels["v"] = "2" }, [oldTask]) == .unchanged)
    #expect(judge(.made("app", "1/1", .completed), old, [oldTask]) == .unchanged)
  }

  @Test("a stale status from before the op says nothing about it", arguments: ServiceState.Update.State.allCases)
  func stale(state: ServiceState.Update.State) {
    #expect(judge(.made("app", "1/1", state, started: 5), .made("app", "1/1", state, started: 5), [oldTask]) == .unchanged)
    let changed = ServiceState.made("app", "1/1", state, started: 5).with { $0.template = .made("b") }
    #expect(judge(.made("app", "1/1", state, started: 5), changed, [oldTask], graceOver: true) == .inFlight)
  }

  @Test(
    "an update that began after the op is judged by its state, whatever the template says",
    arguments: [
      (ServiceState.Update.State.updating, UpdateProof.Service.inFlight), (.completed, .finished),
      (.paused, .failed(state: "paused", message: "swarm says paused")),
      (.rollbackStarted, .failed(state: "rollback_started", message: "swarm says rollback_started")),
      (.rollbackPaused, .failed(state: "rollback_paused", message: "swarm says rollback_paused")),
      (.rollbackCompleted, .failed(state: "rollback_completed", message: "swarm says rollback_completed")),
    ], ["a", "b"])
  func advanced(row: (ServiceState.Update.State, UpdateProof.Service), template: String) {
    let now = ServiceState.made("app", "1/1", row.0, started: 9).with { $0.template = .made(template) }
    for before in [nil, ServiceState.Update.State.completed] {
      #expect(judge(.made("app", "1/1", before, started: 8), now, [oldTask]) == row.1)
    }
  }

  @Test("a changed template whose old task still serves is in flight, however long it takes", arguments: [false, true])
  func registered(graceOver: Bool) {
    #expect(judge(old, new, [oldTask], graceOver: graceOver) == .inFlight)
    #expect(judge(old, new, [oldTask, newTask], graceOver: graceOver) == .inFlight)
    #expect(judge(old, new, [], graceOver: graceOver) == .inFlight)
  }

  @Test("a changed endpoint is a change too")
  func endpoint() {
    let moved = old.with { $0.endpoint = #"{"Mode":"dnsrr"}"# }
    #expect(judge(old, moved, [oldTask], graceOver: true) == .inFlight)
    #expect(judge(old, moved.with { ($0.desired, $0.running) = (0, 0) }, []) == .finished)
  }

  @Test("equal templates over a task that still runs from another are in flight")
  func dirty() {
    #expect(judge(new, new, [oldTask]) == .inFlight)
    #expect(judge(new, new, [oldTask.ended(), newTask]) == .unchanged)
  }

  @Test("with no replicas before or after there is nothing to replace")
  func replicas() {
    #expect(judge(old, new.with { ($0.desired, $0.running) = (0, 0) }, []) == .finished)
    #expect(judge(old.with { ($0.desired, $0.running) = (0, 0) }, new, [newTask]) == .finished)
    #expect(judge(old.with { ($0.desired, $0.running) = (0, 0) }, new, []) == .inFlight)
  }

  @Test("new placement is given the grace, then the task that stayed is good enough")
  func placement() {
    let placed = old.with { $0.template = .made("a", placement: "node.role == manager") }
    #expect(judge(old, placed, [oldTask]) == .inFlight)
    #expect(judge(old, placed, [oldTask], graceOver: true) == .finished)
  }

  @Test("the grace is 30 seconds since the redeploy", arguments: [(970.5, false), (970, true)])
  func grace(redeployed: Double, isOver: Bool) {
    let placed = old.with { $0.template = .made("a", placement: "node.role == manager") }
    let now = StackView.made([placed], [oldTask])
    let found = UpdateProof.judgement(before: .made([old]), now: now, redeployed: second(redeployed))
    #expect((found == .converged) == isOver)
  }

  @Test("a service that is new, or was made anew, is only a matter of convergence")
  func fresh() {
    #expect(UpdateProof.judge(before: .made([]), now: .made([new]), graceOver: false).isEmpty)
    #expect(judge(old, new.with { $0.id = "other" }, [oldTask]) == nil)
  }

  @Test("the wait ends failed only when nothing moves any more")
  func failing() {
    let before = StackView.made([old, .made("db")])
    let rolled = ServiceState.made("app", "1/1", .rollbackCompleted, started: 5)
    let judge = { (now: [ServiceState]) in UpdateProof.judgement(before: before, now: .made(now, [oldTask]), redeployed: second(999)) }
    let reason = "app: rollback_completed: swarm says rollback_completed"
    #expect(judge([rolled, .made("db")]) == .failed(reasons: [reason]))
    #expect(judge([rolled, .made("db", "0/1")]) == .failed(reasons: [reason]))
    #expect(judge([rolled, .made("db", "1/1", .updating, started: 5)]) == .waiting(reasons: [reason, "db: update in progress"]))
    #expect(judge([.made("app", "1/1", .completed, started: 5), .made("db")]) == .converged)
    #expect(judge([new, .made("db")]) == .waiting(reasons: ["app: update not finished"]))
  }

  @Test(
    "what a real swarm did after a redeploy of the steady stack",
    arguments: [
      ("steady", UpdateProof.Service.unchanged), ("updating", .inFlight), ("completed", .finished),
      ("rolled-back", .failed(state: "rollback_completed", message: "rollback completed")),
      (
        "paused",
        .failed(state: "paused", message: "update paused due to failure or early termination of task u9zo6am9gf6zfb9omzq6w26je")
      ),
    ])
  func recorded(situation: String, expected: UpdateProof.Service) async throws {
    let before = try await recordedView("steady")
    let found = try await UpdateProof.judge(before: before, now: recordedView(situation), graceOver: false)
    #expect(found == ["app": expected, "job": .unchanged])
  }

  @Test("of 10 000 random redeploys none is finished or unchanged while the template is new and no update is newer than before")
  func property() {
    var dice = Dice(seed: 7)
    var wrong: [String] = []
    for _ in 0..<10_000 {
      let before = random(&dice)
      let now = random(&dice).with { $0.template = .made(Bool.random(using: &dice) ? "a" : "b") }
      let found = judge(before, now, [oldTask], graceOver: Bool.random(using: &dice))
      let advanced = (now.update?.startedAt ?? dawn) > (before.update?.startedAt ?? dawn)
      let isRight =
        switch found {
        case .unchanged: !advanced && now.template == before.template
        case .inFlight: advanced ? now.update?.state == .updating : now.template != before.template
        case .finished: advanced && now.update?.state == .completed
        case .failed: advanced
        case nil: false
        }
      if !isRight { wrong.append("\(before) \(now)") }
    }
    #expect(wrong.isEmpty)
  }

  private func random(_ dice: inout Dice) -> ServiceState {
    let started = Double(Int.random(in: 0...3, using: &dice))
    return .made("app", "1/1", ServiceState.Update.State.allCases.randomElement(using: &dice), started: started)
  }
}

extension TaskState {
  fileprivate func ended() -> TaskState {
    var copy = self
    (copy.state, copy.desired) = (.shutdown, .shutdown)
    return copy
  }
}

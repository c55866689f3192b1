import FoundationEssentials

/// From the permission to the number of the one build.
struct BuildMaking: Sendable {
  let desk: PollDesk
  let bot: GiteaUser

  func make(_ trigger: inout PollTrigger) async throws(Failure) {
    if trigger.cancelledBy != nil {
      trigger.end(.cancelled, at: desk.now, "before a build was made")
      return try desk.write(trigger)
    }
    // Who has asked before goes on by himself: his build may yet appear.
    switch trigger.attempts > 0 ? .none : try await twin(trigger) {
    case .none: break
    case .undecided: return try wait(&trigger, 5)
    case .build(let build):
      let page = desk.drone.page(desk.repository, build)
      trigger.end(.joined, at: desk.now, "already queued as [build \(build)](\(page)): the same commit and flags")
      return try desk.write(trigger)
    }
    guard trigger.attempts < BuildSearch.attempts || desk.now.timeIntervalSince(trigger.created) < BuildSearch.patience else {
      trigger.end(.failed, at: desk.now, "\(trigger.attempts) builds were asked for, and none was made")
      return try desk.write(trigger)
    }
    if desk.gate.pause(desk.drone.url) != nil { return try wait(&trigger, 30) }
    trigger.intended = desk.now
    trigger.doubted = nil
    trigger.searches = 0
    trigger.attempts += 1
    trigger.enter(.intent, at: desk.now, "asking for build, attempt \(trigger.attempts)")
    try desk.write(trigger)
    let creation = try await desk.drone.create(desk.repository, branch: desk.settings.drone.branch, params: parameters(trigger))
    try take(creation, &trigger)
  }

  private func take(_ creation: DroneCreation, _ trigger: inout PollTrigger) throws(Failure) {
    switch creation {
    case .made(let build):
      desk.note("drone", nil)
      adopt(build.number, &trigger)
    case .impossible(let why): trigger.end(.failed, at: desk.now, why)
    case .refused(let failure):
      // It is certain that there is none: no attempt was made.
      trigger.attempts -= 1
      desk.note("drone", failure)
      if failure.code == .denied { TokenCheck(desk: desk).forget("drone") }
      trigger.enter(.accepted, at: desk.now, "later: \(failure.sentence)")
      trigger.next = desk.now.addingTimeInterval(30)
    case .unclear(let failure):
      trigger.doubted = desk.now
      trigger.enter(.intent, at: desk.now, "unclear: \(failure.sentence)")
    }
    try desk.write(trigger)
  }

  /// After anything ambiguous: is there a build of ours?
  func search(_ trigger: inout PollTrigger) async throws(Failure) {
    if desk.gate.pause(desk.drone.url) != nil { return try wait(&trigger, 30) }
    let asked = trigger.intended ?? trigger.created
    if trigger.doubted == nil || trigger.doubted ?? desk.now > desk.now { trigger.doubted = desk.now }
    let found: DroneBuild?
    do throws(Failure) { found = try await look(for: trigger.key, asked: asked) } catch {
      if error == .cancelled { throw error }
      desk.note("drone", error)
      return try wait(&trigger, 30)
    }
    desk.note("drone", nil)
    trigger.searches += 1
    switch BuildSearch.outcome(found, searches: trigger.searches) {
    case .found(let number): adopt(number, &trigger)
    case .unsure: _ = try await Reporter(desk: desk, bot: bot).deliver(desk.comment(trigger).text(.asked), for: &trigger)
    case .none:
      trigger.doubted = nil
      trigger.next = desk.now.addingTimeInterval(BuildSearch.pause(after: trigger.attempts))
      trigger.enter(.accepted, at: desk.now, "there is no build: asking again")
    }
    try desk.write(trigger)
  }

  private func look(for key: String, asked: Date) async throws(Failure) -> DroneBuild? {
    for page in 1...BuildSearch.pages {
      let builds = try await desk.drone.builds(desk.repository, page: page)
      if let found = BuildSearch.find(key, among: builds) { return found }
      if !BuildSearch.goesOn(builds, asked: asked) { return nil }
    }
    return nil
  }

  private func adopt(_ number: Int, _ trigger: inout PollTrigger) {
    trigger.build = number
    trigger.doubted = nil
    trigger.enter(.building, at: desk.now, "build \(number)")
    desk.says("\(trigger.key): build \(number)")
  }

  private func wait(_ trigger: inout PollTrigger, _ seconds: Double) throws(Failure) {
    trigger.next = desk.now.addingTimeInterval(seconds)
    try desk.write(trigger)
  }

  private enum Twin {
    case none, undecided
    case build(Int)
  }

  /// The build that does the same already. One that is stuck will never do it: it is deleted.
  private func twin(_ trigger: PollTrigger) async throws(Failure) -> Twin {
    let others = try desk.open().filter { other in
      other.comment != trigger.comment && other.cancelledBy == nil && other.slug == trigger.slug && other.pr == trigger.pr
        && other.sha == trigger.sha && other.order == trigger.order
    }
    if others.contains(where: { $0.state == .intent && $0.comment < trigger.comment }) { return .undecided }
    for var other in others where other.state == .building {
      guard let number = other.build else { continue }
      let build: DroneBuild?
      do throws(Failure) { build = try await desk.drone.build(desk.repository, number) } catch {
        if error == .cancelled { throw error }
        return .undecided
      }
      guard let build else { continue }
      guard let stuck = try desk.stuck(build, of: other) else { return .build(number) }
      _ = try await desk.drone.cancel(desk.repository, number)
      other.end(.failed, at: desk.now, "build \(number) was stuck (\(stuck)); somebody asked again")
      try desk.write(other)
    }
    return .none
  }

  /// Numbers, digits and words of ours: nothing that a pull request's author wrote. `ccci-run` looks at all of them once more.
  func parameters(_ trigger: PollTrigger) -> [(name: String, value: String)] {
    var params = [
      (name: "RECIPE", value: trigger.repo), (name: "REF", value: trigger.sha ?? ""), (name: "PR", value: "\(trigger.pr)"),
      (name: "SRC", value: desk.source(trigger.slug)), (name: "CCCI_TRIGGER", value: trigger.key),
    ]
    if let tiers = trigger.order.tiers { params.append((name: "STAGES", value: tiers.map(\.rawValue).joined(separator: ","))) }
    // Who asks for a quick answer where there is no warm data gets a cold one.
    if trigger.order.quick { params += [(name: "CCCI_QUICK", value: "1"), (name: "CCCI_OR_COLD", value: "1")] }
    if trigger.order.extra { params.append((name: "EXTRA_TESTS", value: "1")) }
    return params
  }
}

extension PollDesk {
  /// Why a build will never end by itself; nil when it may. A run whose heart beats is not stuck, whatever two clocks say.
  func stuck(_ build: DroneBuild, of trigger: PollTrigger) throws(Failure) -> String? {
    guard let why = build.stuck(at: build.observed ?? now, timeout: settings.drone.timeout.seconds) else { return nil }
    // The run may be another build's: this one has only to say so.
    if let claimed = try RunClaim.read(runs: settings.host.runs, key: trigger.key)?.build, claimed != build.number { return nil }
    return try BuildRun(runs: settings.host.runs, build: build.number).isAlive(at: now) ? nil : why
  }
}

extension DroneBuild {
  /// Why it will never end by itself; nil when it may.
  ///
  /// - Parameter now: by Drone's clock.
  func stuck(at now: Date, timeout: Double) -> String? {
    if let started, status == .running, now.timeIntervalSince(started) > timeout + 300 {
      return "it has been running for longer than its time limit: its runner is gone"
    }
    let waiting = created.map { now.timeIntervalSince($0) } ?? 0
    guard !status.isOver, waiting > 60,
      let stage = stages.first(where: { $0.status == .pending && !$0.machine.isEmpty && $0.started == nil })
    else { return nil }
    return "\(MarkdownText.code(stage.machine)) took it and never began"
  }
}

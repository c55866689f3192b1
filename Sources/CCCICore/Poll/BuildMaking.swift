import FoundationEssentials

/// From the permission to the number of the one build.
struct BuildMaking: Sendable {
  let desk: PollDesk

  func make(_ trigger: inout PollTrigger) async throws(Failure) {
    if trigger.cancelledBy != nil {
      trigger.end(.cancelled, at: desk.now, "before a build was made")
      return try desk.shelf.write(trigger)
    }
    if let build = try sameElsewhere(trigger) {
      trigger.end(.joined, at: desk.now, "already queued as [build \(build)](\(desk.drone.page(desk.repository, build))): the same commit and flags")
      return try desk.shelf.write(trigger)
    }
    guard trigger.attempts < BuildSearch.attempts else {
      trigger.end(.failed, at: desk.now, "\(trigger.attempts) builds were asked for, and none was made")
      return try desk.shelf.write(trigger)
    }
    if desk.gate.pause(desk.drone.url) != nil { return try wait(&trigger, 30) }
    trigger.intended = desk.now
    trigger.doubted = nil
    trigger.searches = 0
    trigger.attempts += 1
    trigger.enter(.intent, at: desk.now, "asking for build, attempt \(trigger.attempts)")
    try desk.shelf.write(trigger)
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
    try desk.shelf.write(trigger)
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
    case .unsure: break
    case .none:
      trigger.doubted = nil
      trigger.enter(.accepted, at: desk.now, "there is no build: asking again")
    }
    try desk.shelf.write(trigger)
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
    try desk.shelf.write(trigger)
  }

  /// The build that does the same already.
  private func sameElsewhere(_ trigger: PollTrigger) throws(Failure) -> Int? {
    try desk.shelf.open().first { other in
      other.comment != trigger.comment && other.state == .building && other.cancelledBy == nil && other.slug == trigger.slug
        && other.pr == trigger.pr && other.sha == trigger.sha && other.order == trigger.order
    }?.build
  }

  /// Numbers, digits and words of ours: nothing that a pull request's author wrote. `ccci-run` looks at all of them once more.
  func parameters(_ trigger: PollTrigger) -> [(name: String, value: String)] {
    var params = [
      (name: "RECIPE", value: trigger.repo), (name: "REF", value: trigger.sha ?? ""), (name: "PR", value: "\(trigger.pr)"),
      (name: "SRC", value: desk.source(trigger.slug)), (name: "CCCI_TRIGGER", value: trigger.key),
    ]
    if let tiers = trigger.order.tiers { params.append((name: "STAGES", value: tiers.map(\.rawValue).joined(separator: ","))) }
    if trigger.order.quick { params.append((name: "CCCI_QUICK", value: "1")) }
    if trigger.order.extra { params.append((name: "EXTRA_TESTS", value: "1")) }
    return params
  }
}

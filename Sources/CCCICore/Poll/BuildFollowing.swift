import FoundationEssentials

/// From a build's number to its verdict.
struct BuildFollowing: Sendable {
  let desk: PollDesk
  let bot: GiteaUser

  /// True when nothing more can be done in this pass.
  func follow(_ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    guard let number = trigger.build else { throw Failure(.bug, "\(trigger.key): builds without a build") }
    if desk.gate.pause(desk.drone.url) != nil { return true }
    do throws(Failure) {
      guard let build = try await desk.drone.build(desk.repository, number) else {
        trigger.end(.failed, at: desk.now, "build \(number) is not there any more")
        try desk.write(trigger)
        return false
      }
      desk.note("drone", nil)
      return try await follow(build, &trigger)
    } catch {
      if error == .cancelled || error.code == .ioError || error.code == .bug { throw error }
      desk.note("drone", error)
      if error.code == .denied { TokenCheck(desk: desk).forget("drone") }
      return true
    }
  }

  private func follow(_ build: DroneBuild, _ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    if build.status.isOver { return try await conclude(build, &trigger) }
    if trigger.cancelledBy != nil { return try await cancel(.cancelled, "by \(MarkdownText.code(trigger.cancelledBy ?? ""))", &trigger) }
    if try await isOverrun(&trigger) {
      return try await cancel(.refused, "the head was pushed after the comment: look at it, and comment again", &trigger)
    }
    let view = try await view(build, trigger)
    let older = try older(trigger)
    _ = try await Reporter(desk: desk, bot: bot).mark(.pending, words(view), for: &trigger)
    _ = try await Reporter(desk: desk, bot: bot).deliver(desk.comment(trigger).text(view, older: older), for: &trigger)
    return true
  }

  /// Drone tells the runner, or not: `ccci-run` asks for itself.
  private func cancel(_ ending: PollTrigger.Ending, _ why: String, _ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    if let number = trigger.build { _ = try await desk.drone.cancel(desk.repository, number) }
    trigger.end(ending, at: desk.now, why)
    try desk.write(trigger)
    return false
  }

  /// Once, some seconds later: Gitea tells of a push some time after the head has moved.
  private func isOverrun(_ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    guard !trigger.isRechecked, let sha = trigger.sha, let intended = trigger.intended, desk.now.timeIntervalSince(intended) >= 10 else {
      return false
    }
    let events: [GiteaEvent]
    do throws(Failure) { events = try await desk.gitea.timeline(trigger.slug, trigger.pr, since: trigger.created) } catch {
      if error == .cancelled { throw error }
      return false
    }
    trigger.isRechecked = true
    try desk.write(trigger)
    return HeadCheck.isOverrun(sha, events, comment: trigger.comment, written: trigger.created)
  }

  // MARK: how it stands

  private func view(_ build: DroneBuild, _ trigger: PollTrigger) async throws(Failure) -> LivingComment.View {
    let timeout = desk.settings.drone.timeout.seconds
    let now = build.observed ?? desk.now
    let waiting = build.created.map { max(0, now.timeIntervalSince($0)) } ?? 0
    if let stuck = try desk.stuck(build, of: trigger) { return .stuck(stuck) }
    guard build.status == .running else { return .queued(try await place(build, waiting, timeout)) }
    let minutes = Int((build.started.map { max(0, now.timeIntervalSince($0)) } ?? 0) / 60)
    let record = try BuildRun(runs: desk.settings.host.runs, build: build.number).record()
    // Not each minute: every edit is a write on the server, and nobody reads that closely.
    return .running(phase: record?.phase, minutes: minutes < 5 ? minutes : minutes / 5 * 5)
  }

  private func place(_ build: DroneBuild, _ waiting: Double, _ timeout: Double) async throws(Failure) -> QueuePlace? {
    let queue = try await queue()
    guard !queue.rows.isEmpty else { return nil }
    let durations = desk.memory.withLock { $0.durations }
    return QueuePlace.of(build.number, in: queue.rows, waiting: waiting, timeout: timeout, now: build.observed ?? desk.now) { number in
      QueuePlace.usual(queue.recipes[number], durations)
    }
  }

  /// Asked once a pass.
  private func queue() async throws(Failure) -> (rows: [DroneQueued], recipes: [Int: String]) {
    let known = desk.queue.withLock { $0 }
    if known.isAsked { return (known.rows, known.recipes) }
    let builds = try await desk.drone.builds(desk.repository, page: 1)
    let recipes = Dictionary(builds.map { ($0.number, $0.params["RECIPE"] ?? "") }) { first, _ in first }
    let rows = try await desk.drone.incomplete() ?? Self.rows(builds, desk.repository)
    desk.queue.withLock { $0 = (true, rows, recipes) }
    return (rows, recipes)
  }

  /// The queue as a plain reader sees it.
  static func rows(_ builds: [DroneBuild], _ slug: String) -> [DroneQueued] {
    builds.filter { $0.status == .pending || $0.status == .running }.reversed().map {
      DroneQueued(
        slug: slug, build: $0.number, status: $0.status, started: $0.started?.timeIntervalSince1970 ?? 0,
        created: $0.created?.timeIntervalSince1970 ?? 0)
    }
  }

  private func words(_ view: LivingComment.View) -> String {
    switch view {
    case .asked, .queued: "queued"
    case .stuck: "stuck"
    case .running: "running"
    case .over: "over"
    }
  }

  /// Another run of this pull request that a newer head has left behind.
  private func older(_ trigger: PollTrigger) throws(Failure) -> String? {
    let other = try desk.open().first {
      $0.slug == trigger.slug && $0.pr == trigger.pr && $0.comment < trigger.comment && $0.state == .building && $0.sha != trigger.sha
    }
    guard let other, let build = other.build, let sha = other.sha else { return nil }
    return
      "follows [build \(build)](\(desk.drone.page(desk.repository, build))) of the older head `\(sha.prefix(8))`, which goes on (`!cancel` ends both)"
  }

  // MARK: the end

  private func conclude(_ build: DroneBuild, _ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    let runs = desk.settings.host.runs
    let claim = try RunClaim.read(runs: runs, key: trigger.key)
    if let other = claim?.build, other > 0, other != build.number, build.status == .success {
      // Drone made two: this one only said that the other has the run.
      trigger.build = other
      trigger.enter(.building, at: desk.now, "build \(build.number) was one too many; the run is build \(other)")
      try desk.write(trigger)
      return false
    }
    let results = try BuildRun(runs: runs, build: build.number).results(of: trigger, claimed: claim?.run)
    let state = build.status == .killed && results == nil ? GiteaStatus.State.error : CommitMark.state(trigger.order, results)
    let text = desk.comment(trigger).text(.over(build.status, results, build.error.isEmpty ? nil : MarkdownText.code(build.error)))
    let reporter = Reporter(desk: desk, bot: bot)
    guard try await reporter.mark(state, results?.verdict.rawValue ?? build.status.word, for: &trigger) else { return true }
    guard try await reporter.deliver(text, for: &trigger) else { return true }
    if let results, results.verdict == .green { remember(results) }
    trigger.end(.finished, at: desk.now, results?.verdict.rawValue ?? build.status.word)
    trigger.enter(.reported, at: desk.now, "reported")
    try desk.write(trigger)
    desk.says("\(trigger.key): build \(build.number): \(trigger.reason ?? "")")
    return true
  }

  private func remember(_ results: Results) {
    let seconds = Int(min(max(results.finished.timeIntervalSince(results.started), 0), 86_400))
    desk.memory.withLock { $0.durations[results.recipe] = ($0.durations[results.recipe] ?? []).suffix(9) + [seconds] }
  }
}

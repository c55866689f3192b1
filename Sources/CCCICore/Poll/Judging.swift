import FoundationEssentials

/// Who asks, for what, and whether he may.
struct Judging: Sendable {
  let desk: PollDesk
  let bot: GiteaUser

  /// Pull request, membership, head: in this order, and nothing is said to anybody before he is known.
  func judge(_ trigger: inout PollTrigger) async throws(Failure) {
    guard desk.enrolment.entry(trigger.slug) != nil else { return try drop(&trigger, "\(trigger.slug) is not looked at any more") }
    do throws(Failure) {
      let pull = try await desk.gitea.pull(trigger.slug, trigger.pr)
      guard pull.isOpen else { return try drop(&trigger, "the pull request is closed") }
      switch try await permission(trigger) {
      case .later(let failure): return try later(&trigger, failure)
      case .denied: return try deny(&trigger)
      case .allowed: try await accept(&trigger, pull)
      }
      desk.note("bot in \(trigger.owner)", nil)
    } catch {
      if error.code == .noInput { return try drop(&trigger, error.sentence) }
      if error == .cancelled || error.code == .ioError { throw error }
      try later(&trigger, error)
    }
  }

  private func permission(_ trigger: PollTrigger) async throws(Failure) -> Authorization.Answer {
    if Authorization.isListed(trigger.user, trigger.login, in: desk.settings.forge.allow) { return .allowed }
    let answer: Result<GiteaMembership, Failure>
    do throws(Failure) { answer = .success(try await desk.gitea.membership(trigger.login, of: trigger.owner)) } catch {
      if error == .cancelled { throw error }
      answer = .failure(error)
    }
    return Authorization.decide(answer, owner: trigger.owner)
  }

  private func accept(_ trigger: inout PollTrigger, _ pull: GiteaPull) async throws(Failure) {
    if trigger.seen.timeIntervalSince(trigger.created) > TriggerWalk.oldest {
      trigger.end(.refused, at: desk.now, "the comment is older than 24 h, and cc-ci was away: comment again if you still want it")
      return try desk.write(trigger)
    }
    switch trigger.order.verb {
    case .testme: try await pin(&trigger, pull)
    case .help: trigger.end(.answered, at: desk.now, HelpText.help)
    case .unclear: trigger.end(.answered, at: desk.now, HelpText.unclear)
    case .status: trigger.end(.answered, at: desk.now, try PullStatus(desk: desk).text(trigger))
    case .cancel: trigger.end(.answered, at: desk.now, try PullStatus(desk: desk).cancel(trigger))
    }
    try desk.write(trigger)
  }

  private func pin(_ trigger: inout PollTrigger, _ pull: GiteaPull) async throws(Failure) {
    let events = try await desk.gitea.timeline(trigger.slug, trigger.pr, since: trigger.created)
    switch HeadCheck.decide(pull, events, comment: trigger.comment, written: trigger.created) {
    case .refused(let why): trigger.end(.refused, at: desk.now, why)
    case .pinned(let head):
      trigger.sha = head.text
      trigger.enter(.accepted, at: desk.now, "for \(head)")
    }
  }

  // MARK: no

  /// No answer at all: the pull request is gone or closed.
  private func drop(_ trigger: inout PollTrigger, _ why: String) throws(Failure) {
    trigger.isSilent = true
    trigger.end(.refused, at: desk.now, why)
    try desk.write(trigger)
  }

  /// The public is told once a pull request and day; more would make us a loudspeaker.
  private func deny(_ trigger: inout PollTrigger) throws(Failure) {
    var known = try desk.shelf.repository(owner: trigger.owner, repo: trigger.repo)
    let last = known?.denials["\(trigger.pr)"]
    trigger.isSilent = last.map { abs(desk.now.timeIntervalSince($0)) < 86_400 } ?? false
    let now = desk.now
    var denials = known?.denials.filter { abs(now.timeIntervalSince($0.value)) < 86_400 } ?? [:]
    denials["\(trigger.pr)"] = now
    known?.denials = denials
    trigger.end(.refused, at: desk.now, "only members of \(MarkdownText.code(trigger.owner)) may ask for a run")
    // The trigger first: told twice is better than never.
    try desk.write(trigger)
    if let known, !trigger.isSilent { try desk.shelf.write(known) }
  }

  /// Kept, not consumed. Whoever can mend it finds it in `status`.
  private func later(_ trigger: inout PollTrigger, _ failure: Failure) throws(Failure) {
    if failure.code != .unavailable { desk.note("bot in \(trigger.owner)", failure) }
    // An old server takes a token that it does not know for nobody, who is not told of members.
    if failure.code == .denied || failure.code == .config { TokenCheck(desk: desk).forget("gitea") }
    if desk.now.timeIntervalSince(trigger.created) > TriggerWalk.given { return try drop(&trigger, failure.sentence) }
    guard trigger.next == nil || trigger.reason != failure.sentence else {
      trigger.next = desk.now.addingTimeInterval(pause)
      return try desk.write(trigger)
    }
    trigger.reason = failure.sentence
    trigger.next = desk.now.addingTimeInterval(pause)
    trigger.enter(.seen, at: desk.now, "later: \(failure.sentence)")
    try desk.write(trigger)
  }

  private var pause: Double { min(30, desk.settings.forge.interval.seconds) }
}

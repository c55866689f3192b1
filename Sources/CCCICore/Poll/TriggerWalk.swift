import FoundationEssentials

/// Steps 3 and 4 of a pass: takes one trigger as far as it goes now. Every step is on disk before the next begins.
struct TriggerWalk: Sendable {
  let desk: PollDesk
  let bot: GiteaUser

  /// How old a comment may be when it is first seen: after a longer absence nobody waits for the answer.
  static let oldest = 86_400.0
  /// How long a comment is kept that nobody can say anything about.
  static let given = 30 * 86_400.0

  func walk(_ trigger: PollTrigger) async throws(Failure) {
    var trigger = trigger
    // Every step moves on or rests; a defect must not spin.
    for _ in 0..<8 {
      switch TriggerStep.next(trigger, now: desk.now) {
      case .judge: try await Judging(desk: desk, bot: bot).judge(&trigger)
      case .make: try await BuildMaking(desk: desk, bot: bot).make(&trigger)
      case .search: try await BuildMaking(desk: desk, bot: bot).search(&trigger)
      case .follow: if try await BuildFollowing(desk: desk, bot: bot).follow(&trigger) { return }
      case .answer: return try await answer(&trigger)
      case .rest: return
      }
    }
  }

  /// Says what came of it.
  private func answer(_ trigger: inout PollTrigger) async throws(Failure) {
    let comment = desk.comment(trigger)
    guard try await Reporter(desk: desk, bot: bot).deliver(comment.ended(), for: &trigger) else { return }
    if trigger.sha != nil, let ending = trigger.ending, ending == .failed || ending == .cancelled, trigger.status != nil {
      guard try await Reporter(desk: desk, bot: bot).mark(.error, ending.rawValue, for: &trigger) else { return }
    }
    trigger.enter(.reported, at: desk.now, "answered")
    try desk.write(trigger)
  }
}

extension PollDesk {
  func comment(_ trigger: PollTrigger) -> LivingComment {
    LivingComment(
      trigger: trigger, recipe: trigger.repo, source: source(trigger.slug), page: trigger.build.map { drone.page(repository, $0) })
  }
}

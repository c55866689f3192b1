public import FoundationEssentials

/// What is to be done next for a trigger. Pure.
public enum TriggerStep: Sendable, Equatable {
  /// Find out whether it may be done, and for which commit.
  case judge
  /// Write down that a build is about to be made, and make it.
  case make
  /// There may be a build of ours: look for it.
  case search
  /// Bring its comment up to date with its build.
  case follow
  /// Say what came of it.
  case answer
  /// Nothing now.
  case rest

  /// Seconds after the doubt began at which Drone is asked for the build; after the last one there is none.
  static let searches = [0.0, 60, 120]

  public static func next(_ trigger: PollTrigger, now: Date) -> TriggerStep {
    // A pause that is longer than any we make comes from a clock that went back.
    if let next = trigger.next, next > now, next.timeIntervalSince(now) < 3600 { return .rest }
    switch trigger.state {
    case .seen: return .judge
    case .accepted: return .make
    case .intent: return isSearchDue(trigger, now) ? .search : .rest
    case .building: return .follow
    case .ended: return .answer
    case .reported: return .rest
    }
  }

  private static func isSearchDue(_ trigger: PollTrigger, _ now: Date) -> Bool {
    guard let doubted = trigger.doubted, doubted <= now else { return true }
    let wait = searches[min(trigger.searches, searches.count - 1)]
    return now.timeIntervalSince(doubted) >= wait
  }
}

/// The commit status that a trigger has.
enum CommitMark {
  /// Only a full cold run may gate: each other kind has a context of its own, which no rule requires.
  static func context(_ order: PollOrder) -> String {
    if order.quick { return "cc-ci/quick" }
    return order.tiers == nil ? "cc-ci/testme" : "cc-ci/partial"
  }

  /// What the end of a build means for its commit.
  static func state(_ order: PollOrder, _ results: Results?) -> GiteaStatus.State {
    guard let results else { return .error }
    switch results.verdict {
    case .green: return order.quick || order.tiers != nil ? .error : .success
    case .quickGreen: return order.quick ? .success : .error
    case .partial: return order.tiers != nil ? .success : .error
    case .red: return .failure
    case .unjudged: return .error
    }
  }
}

import FoundationEssentials

/// `!status` and `!cancel`: what waits and runs for a pull request.
struct PullStatus: Sendable {
  let desk: PollDesk

  private func others(_ asking: PollTrigger) throws(Failure) -> [PollTrigger] {
    try desk.open().filter {
      $0.slug == asking.slug && $0.pr == asking.pr && $0.comment < asking.comment && $0.order.verb == .testme && $0.state != .ended
    }
  }

  func text(_ asking: PollTrigger) throws(Failure) -> String {
    let others = try others(asking)
    guard !others.isEmpty else { return "Nothing waits or runs for this pull request. `!help` says what can be asked." }
    return others.map { trigger in
      let commit = trigger.sha.map { " for `\($0.prefix(8))`" } ?? ""
      let build = trigger.build.map { " [build \($0)](\(desk.drone.page(desk.repository, $0)))" } ?? ""
      return "- `!testme\(trigger.order.flags)`\(commit): \(words(trigger.state))\(build)"
    }.joined(separator: "\n")
  }

  /// Marks what is to be cancelled; its own walk does it.
  func cancel(_ asking: PollTrigger) throws(Failure) -> String {
    let others = try others(asking)
    guard !others.isEmpty else { return "Nothing waits or runs for this pull request." }
    for var other in others where other.cancelledBy == nil {
      other.cancelledBy = asking.login
      other.next = nil
      try desk.write(other)
    }
    return "Cancelled: \(others.count == 1 ? "1 run" : "\(others.count) runs"). What was deployed for it is removed."
  }

  private func words(_ state: PollTrigger.State) -> String {
    switch state {
    case .seen: "just seen"
    case .accepted, .intent: "asking for a build"
    case .building: "waits or runs:"
    case .ended, .reported: "over"
    }
  }
}

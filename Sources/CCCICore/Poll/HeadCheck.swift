public import FoundationEssentials

/// Which commit a comment speaks of: the head, if nobody pushed since.
public enum HeadCheck {
  public enum Answer: Sendable, Equatable {
    case pinned(CommitID)
    case refused(String)
  }

  public static func decide(_ pull: GiteaPull, _ events: [GiteaEvent], comment: Int, written: Date) -> Answer {
    guard let head = CommitID(pull.head.sha.lowercased()) else { return .refused("its head is no full commit id") }
    let pushes = pushes(events, after: comment, written: written)
    guard let last = pushes.last else { return .pinned(head) }
    let known = last.pushed.compactMap { CommitID($0.lowercased()) }
    let before = known.first { $0 != head }.map { " from \($0)" } ?? ""
    return .refused("the head moved\(before) to \(head) after the comment: look at it, and comment again")
  }

  /// The pushes behind a comment. Times have whole seconds and ids may come out of order: either says it.
  public static func pushes(_ events: [GiteaEvent], after comment: Int, written: Date) -> [GiteaEvent] {
    events.filter { $0.type == "pull_push" && ($0.id > comment || $0.created > written) }
  }

  /// Whether a commit came to the pull request only after the comment that it was tested for: a push is told of some time after it happened.
  public static func isOverrun(_ sha: String, _ events: [GiteaEvent], comment: Int, written: Date) -> Bool {
    pushes(events, after: comment, written: written).contains {
      $0.pushed.last?.lowercased() == sha || $0.pushed.first?.lowercased() == sha
    }
  }
}

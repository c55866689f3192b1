public import FoundationEssentials

extension PollPass {
  /// What one comment is to us.
  public struct Decision: Sendable, Equatable {
    public var comment: GiteaComment
    /// A word for the record: `nothing`, `edited`, `baseline`, or the verb.
    public var became: String
    /// nil when nothing is asked of us.
    public var order: PollOrder?
  }

  /// Pure: the comments of an answer that nobody has looked at yet, each with what it is to us.
  ///
  /// - Parameter bot: our own id; what we write asks for nothing.
  public static func decide(_ comments: [GiteaComment], known: PollRepository, bot: Int) -> [Decision] {
    var taken: Set<Int> = []
    return comments.compactMap { comment in
      guard known.seen["\(comment.id)"] == nil, taken.insert(comment.id).inserted else { return nil }
      let (became, order) = judge(comment, known: known, bot: bot)
      return Decision(comment: comment, became: became, order: order)
    }
  }

  private static func judge(_ comment: GiteaComment, known: PollRepository, bot: Int) -> (String, PollOrder?) {
    if comment.id <= known.floor || comment.created < known.enrolled.addingTimeInterval(-PollCursor.day) { return ("baseline", nil) }
    if comment.pull == nil || comment.user.id == bot || comment.user.id <= 0 || !comment.originalAuthor.isEmpty { return ("nothing", nil) }
    guard let order = TestmeComment.parse(comment.body) else { return ("nothing", nil) }
    // A repository's writer can edit what a member wrote, and it is still the member's.
    if comment.created != comment.updated { return ("edited", nil) }
    return (order.verb.rawValue, order)
  }

  /// Pure: what is known of a repository once these decisions are on disk.
  public static func record(_ decisions: [Decision], all comments: [GiteaComment], server: Date?, in known: PollRepository)
    -> PollRepository
  {
    var known = known
    for decision in decisions {
      known.seen["\(decision.comment.id)"] = PollRepository.Seen(became: decision.became, at: decision.comment.updated)
    }
    known.cursor = PollCursor.next(known.cursor, newest: comments.map(\.updated).max(), server: server)
    // Older ones cannot come again, unless the clock goes back by more than a day.
    let horizon = known.cursor.addingTimeInterval(-2 * PollCursor.day)
    if known.seen.count > 64 { known.seen = known.seen.filter { $0.value.at >= horizon } }
    return known
  }
}

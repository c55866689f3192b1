public import FoundationEssentials

/// How far a list of changes has been read, on the server's clock.
public enum PollCursor {
  /// Rows appear late, with a time that has passed already.
  public static let overlap = 120.0
  /// How far back is read when the server's clock went back: what was answered before is known by its id.
  public static let day = 86_400.0

  public static func since(_ cursor: Date) -> Date { cursor.addingTimeInterval(-overlap) }

  /// The cursor after an answer. Call it when everything in the answer is on disk.
  ///
  /// - Parameters:
  ///   - newest: the latest change in the answer; nil for an empty one.
  ///   - server: its clock; nil when it did not tell.
  public static func next(_ cursor: Date, newest: Date?, server: Date?) -> Date {
    if let server, server < cursor.addingTimeInterval(-5) {
      // Its clock went back. What was written since has times that lie before the cursor.
      return server.addingTimeInterval(-day)
    }
    if let newest { return max(cursor, min(newest, server ?? newest)) }
    // Nothing new: forward in large steps only, so that an idle pass writes nothing.
    guard let server, server.timeIntervalSince(cursor) > 660 else { return cursor }
    return server.addingTimeInterval(-60)
  }
}

public import FoundationEssentials

/// How far a list of changes has been read, on the server's clock.
public enum PollCursor {
  /// Rows appear late, with a time that has passed already.
  public static let overlap = 120.0
  /// How far back is read when a clock may have gone back: what was answered before is known by its id.
  public static let day = 86_400.0
  /// Longer than this without an answer, and a step back can hide: the clock has passed the cursor again when the next answer comes.
  public static let silence = 100.0

  public static func since(_ cursor: Date) -> Date { cursor.addingTimeInterval(-overlap) }

  /// From where on one must have read, so that nothing is missed.
  ///
  /// - Parameters:
  ///   - last: the clocks at the answer from which the cursor is; nil when nothing is certain.
  ///   - now: the clocks at this answer; nil when the server does not tell.
  public static func start(_ cursor: Date, last: PollClocks?, now: PollClocks?) -> Date {
    let far = (now.map { min($0.server, cursor) } ?? cursor).addingTimeInterval(-day)
    guard let last else { return far }
    guard let now else { return since(cursor) }
    // The server's went back, or ours forward.
    if now.skew < last.skew - 5 { return far }
    let passed = now.server.timeIntervalSince(last.server)
    // Both went back; or they were silent for so long that they can have gone back unseen.
    return passed < -5 || passed > silence ? far : since(cursor)
  }

  /// The cursor after an answer that began at `start`. Call it when everything in the answer is on disk.
  ///
  /// - Parameters:
  ///   - newest: the latest change in the answer; nil for an empty one.
  ///   - server: its clock; nil when it did not tell.
  public static func next(_ cursor: Date, newest: Date?, server: Date?) -> Date {
    guard let server else { return newest.map { max(cursor, $0) } ?? cursor }
    // What is written from now on has times that lie before the cursor.
    if server < cursor { return server.addingTimeInterval(-60) }
    if let newest { return max(cursor, min(newest, server)) }
    // Nothing new: forward in large steps only, so that an idle pass writes nothing.
    return server.timeIntervalSince(cursor) > 660 ? server.addingTimeInterval(-60) : cursor
  }
}

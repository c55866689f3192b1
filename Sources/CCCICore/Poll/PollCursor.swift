public import FoundationEssentials

/// How far a list of changes has been read, on the server's clock.
public enum PollCursor {
  /// Rows appear late, with a time that has passed already.
  public static let overlap = 120.0
  /// How far back is read when a clock went back: what was answered before is known by its id.
  public static let day = 86_400.0

  public static func since(_ cursor: Date) -> Date { cursor.addingTimeInterval(-overlap) }

  /// A cursor, with what the server's clock was before ours when it was set.
  public struct Place: Sendable, Equatable {
    public var cursor: Date
    /// Seconds; nil when it is not known.
    public var skew: Double?

    public init(_ cursor: Date, skew: Double?) {
      self.cursor = cursor
      self.skew = skew
    }
  }

  /// The cursor after an answer. Call it when everything in the answer is on disk.
  ///
  /// - Parameters:
  ///   - newest: the latest change in the answer; nil for an empty one.
  ///   - server: its clock; nil when it did not tell.
  ///   - local: ours.
  public static func next(_ place: Place, newest: Date?, server: Date?, local: Date) -> Place {
    guard let server else { return Place(newest.map { max(place.cursor, $0) } ?? place.cursor, skew: place.skew) }
    let skew = server.timeIntervalSince(local)
    // Its clock went back, or ours forward. What was written since has times that may lie before the cursor.
    if let old = place.skew, skew < old - 5 {
      return Place(min(place.cursor, server).addingTimeInterval(max(skew - old, -day)), skew: skew)
    }
    // Both went back.
    if server < place.cursor.addingTimeInterval(-5) { return Place(server.addingTimeInterval(-day), skew: skew) }
    let isSame = place.skew.map { abs($0 - skew) <= 5 } ?? false
    let kept = isSame ? place.skew : skew
    if let newest { return Place(max(place.cursor, min(newest, server)), skew: kept) }
    // Nothing new: forward in large steps only, so that an idle pass writes nothing.
    return Place(server.timeIntervalSince(place.cursor) > 660 ? server.addingTimeInterval(-60) : place.cursor, skew: kept)
  }
}

/// A full git commit id: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
public struct CommitID: Sendable, Hashable, CustomStringConvertible {
  public let text: String
  public var description: String { text }

  /// nil for anything that is not a full id: short ids, branches, tags, options.
  public init?(_ text: String) {
    guard [40, 64].contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      return nil
    }
    self.text = text
  }

  /// What a caller passed as `REF`. Throws `usage`: a branch name or a short id can move or be ambiguous.
  public static func pinned(_ text: String) throws(Failure) -> CommitID {
    guard let id = CommitID(text.lowercased()) else {
      throw Failure(
        .usage, "ref \"\(text.prefix(80).filter { !$0.isNewline })\": is no full commit id",
        why: "a run is pinned to one commit: 40 or 64 hexadecimal digits", next: "git rev-parse HEAD prints it")
    }
    return id
  }

  /// The first 8 digits, as abra writes them into the chaos-version label.
  public var short: String { String(text.prefix(8)) }
}

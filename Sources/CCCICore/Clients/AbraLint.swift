/// The table of `abra recipe lint`, read row by row: ref | rule | severity | satisfied | skipped | how to fix.
public enum AbraLint {
  public struct Row: Sendable, Hashable {
    public var ref: String
    public var rule: String
    public var severity: String
    public var isSatisfied: Bool
    public var isSkipped: Bool
    /// A rule of severity `error` that is not satisfied and not skipped.
    public var isFailed: Bool { severity == "error" && !isSatisfied && !isSkipped }
  }

  /// Every row that begins with a rule's number. Cells stand between vertical bars of any kind.
  public static func read(_ output: String) -> [Row] {
    TerminalText.plain(output).split(separator: "\n").compactMap { line -> Row? in
      let cells = line.split(whereSeparator: { "|│┃║".contains($0) }).map(trimmed)
      guard cells.count >= 5, cells[0].first == "R", cells[0].count == 4, Int(cells[0].dropFirst()) != nil else { return nil }
      return Row(ref: cells[0], rule: cells[1], severity: cells[2].lowercased(), isSatisfied: isYes(cells[3]), isSkipped: isYes(cells[4]))
    }
  }

  private static func isYes(_ cell: String) -> Bool { ["✅", "✔", "yes", "true"].contains { cell.hasPrefix($0) } }

  private static func trimmed(_ cell: Substring) -> String {
    String(cell.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}

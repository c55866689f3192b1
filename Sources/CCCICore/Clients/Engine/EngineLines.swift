/// Cuts a stream of bytes into lines at LF only; what follows the last LF waits for more.
struct EngineLines: Sendable {
  /// What has no LF yet.
  private(set) var rest: [UInt8] = []

  /// The lines that the piece completes, without LF and a CR before it; empty lines are left out.
  mutating func add(_ piece: [UInt8]) -> [[UInt8]] {
    rest += piece
    guard let last = rest.lastIndex(of: 10) else { return [] }
    let whole = rest[..<last].split(separator: 10)
    rest.removeSubrange(...last)
    return whole.map { $0.last == 13 ? Array($0.dropLast()) : Array($0) }.filter { !$0.isEmpty }
  }
}

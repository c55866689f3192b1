/// The "did you mean" of unknown names.
public enum Nearest {
  /// The name that one typing slip or two away from `wrong` would have been; nil when none is near. Case does not count.
  public static func name(to wrong: String, among names: [String]) -> String? {
    let typed = Array(wrong.lowercased().unicodeScalars)
    let allowed = max(1, typed.count / 3)
    var best: (name: String, distance: Int)?
    for name in names {
      let distance = edits(typed, Array(name.lowercased().unicodeScalars))
      if distance <= allowed, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
  }

  /// Insertions, removals, replacements and swaps of neighbours that turn one into the other (optimal string alignment).
  static func edits(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, left) in one.enumerated() {
      var line = [row + 1]
      for (column, right) in other.enumerated() {
        var cost = min(last[column] + (left == right ? 0 : 1), last[column + 1] + 1, line[column] + 1)
        if row > 0, column > 0, left == other[column - 1], one[row - 1] == right { cost = min(cost, beforeLast[column - 1] + 1) }
        line.append(cost)
      }
      (beforeLast, last) = (last, line)
    }
    return last[other.count]
  }
}

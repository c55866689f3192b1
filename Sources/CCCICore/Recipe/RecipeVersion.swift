/// A published version of a recipe: `<recipe semver>+<app version>`, for example `1.2.0+1.27.2`.
///
/// The one comparator of the project: recipe numbers first, then the app version by its runs of digits, as `sort -V` does.
public struct RecipeVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let recipe: [Int]
  public let app: String
  public let text: String
  public var description: String { text }

  /// nil when the text is no version: no `+`, or something else than three numbers before it.
  public init?(_ text: String) {
    guard let plus = text.firstIndex(of: "+") else { return nil }
    let numbers = text[..<plus].split(separator: ".", omittingEmptySubsequences: false)
    let app = String(text[text.index(after: plus)...])
    guard numbers.count == 3, !app.isEmpty, app.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
    var recipe: [Int] = []
    for number in numbers {
      guard !number.isEmpty, number.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(number) else { return nil }
      recipe.append(value)
    }
    self.recipe = recipe
    self.app = app
    self.text = text
  }

  public var major: Int { recipe[0] }

  public static func < (left: RecipeVersion, right: RecipeVersion) -> Bool {
    if left.recipe != right.recipe { return left.recipe.lexicographicallyPrecedes(right.recipe) }
    let (a, b) = (runs(left.app), runs(right.app))
    for (x, y) in zip(a, b) where x != y { return precedes(x, y) }
    if a.count != b.count { return a.count < b.count }
    return left.text < right.text
  }

  /// `1.27.2-alpine` as `1 . 27 . 2 -alpine`: digits and everything else in turn.
  private static func runs(_ text: String) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var rest = Array(text.utf8)[...]
    while let first = rest.first {
      let part = rest.prefix { isDigit($0) == isDigit(first) }
      parts.append(part)
      rest = rest.dropFirst(part.count)
    }
    return parts
  }

  private static func precedes(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
    guard left.first.map(isDigit) == true, right.first.map(isDigit) == true else { return left.lexicographicallyPrecedes(right) }
    // Numbers of any length: one that no Int holds, compared as text, would break the order of the others.
    let (a, b) = (left.drop { $0 == 48 }, right.drop { $0 == 48 })
    if a == b { return left.count < right.count }
    return a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count < b.count
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

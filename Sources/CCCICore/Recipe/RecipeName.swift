/// The name of a recipe, as its repository and its folder under `tests/` carry it: `custom-html`.
public struct RecipeName: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String
  public var description: String { text }

  /// Names that the shelf uses for itself.
  static let reserved = ["poll", "alerts"]

  /// Throws `usage` for anything that could leave its folder, its URL or its domain: lower-case letters, digits and hyphens only.
  public init(_ text: String) throws(Failure) {
    guard text.utf8.count <= 64 else {
      throw Failure(
        .usage, "recipe \"\(text.prefix(20))…\": is no recipe name", why: "it has \(text.utf8.count) bytes, and 64 are allowed",
        next: "name it as its repository, for example custom-html")
    }
    let allowed = text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 95 }
    guard allowed, let first = text.utf8.first, first != 45, first != 95 else {
      throw Failure(
        .usage, "recipe \"\(text.prefix(80))\": is no recipe name",
        why: "lower-case letters, digits, - and _ only, beginning with a letter or digit",
        next: "name it as its repository, for example custom-html")
    }
    guard !Self.reserved.contains(text) else {
      throw Failure(.usage, "recipe \"\(text)\": the name is reserved on the shelf", next: "rename the recipe")
    }
    self.text = text
  }

  public static func < (left: RecipeName, right: RecipeName) -> Bool { left.text < right.text }
}

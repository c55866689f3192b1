/// The placeholders of `[env]` values in `recipe.toml`: `{domain}`, `{zone}`, `{recipe}`.
public enum EnvTemplate {
  static let known = ["domain", "zone", "recipe"]

  /// The first placeholder that is not known, for the strict reader. Other braces, such as JSON's, are text.
  public static func unknown(in text: String) -> String? {
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "}") else { return nil }
      let name = String(rest[..<close])
      let isPlaceholder = !name.isEmpty && name.utf8.allSatisfy { $0 == 95 || (97...122).contains($0) }
      if isPlaceholder, !known.contains(name) { return name }
      rest = rest[rest.index(after: close)...]
    }
    return nil
  }

  public static func filled(_ text: String, domain: AppDomain, zone: String, recipe: RecipeName) -> String {
    text.replacing("{domain}", with: domain.text).replacing("{zone}", with: zone).replacing("{recipe}", with: recipe.text)
  }
}

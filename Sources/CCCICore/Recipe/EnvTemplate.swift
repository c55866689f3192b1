/// The placeholders of `[env]` values in `recipe.toml`: `{domain}`, `{zone}`, `{recipe}`.
public enum EnvTemplate {
  static let known = ["domain", "zone", "recipe"]

  /// The first placeholder that is not known, for the strict reader. Other braces, such as JSON's, are text.
  public static func unknown(in text: String) -> String? {
    var rest = text[...]
    while let close = rest.firstIndex(of: "}") {
      let inner = rest[..<close]
      rest = rest[rest.index(after: close)...]
      // The innermost pair: `{"url": "{domain}"}` holds a placeholder too.
      guard let open = inner.lastIndex(of: "{") else { continue }
      let name = String(inner[inner.index(after: open)...])
      let isPlaceholder = !name.isEmpty && name.utf8.allSatisfy { $0 == 95 || (97...122).contains($0) }
      if isPlaceholder, !known.contains(name) { return name }
    }
    return nil
  }

  public static func filled(_ text: String, domain: AppDomain, zone: String, recipe: RecipeName) -> String {
    text.replacing("{domain}", with: domain.text).replacing("{zone}", with: zone).replacing("{recipe}", with: recipe.text)
  }
}

extension PolicyTable {
  /// The table of `docs/compose-policy.md`.
  static var document: String {
    let sections: [(String, [PolicyKey])] = [
      ("Top level", top), ("Services", service), ("Volumes", volume), ("Networks", network), ("Configs", config), ("Secrets", secret),
    ]
    return sections.map { "### \($0)\n\n| key | value | because |\n|---|---|---|\n\(rows($1, below: ""))" }.joined(separator: "\n")
  }

  private static func rows(_ keys: [PolicyKey], below path: String) -> String {
    var text = ""
    for key in keys {
      let name = path + key.name
      switch key.rule {
      case .accepted: text += "| `\(name)` | accepted | \(key.words) |\n"
      case .refused: text += "| `\(name)` | refused | \(key.words) |\n"
      case .only(let values):
        text += "| `\(name)` | only \(values.map { "`\($0)`" }.joined(separator: ", ")) | anything else \(key.words) |\n"
      case .judged(.ports): text += "| `\(name)` | each refused | \(key.words) |\n"
      case .judged: text += "| `\(name)` | judged | \(key.words) |\n"
      case .keys(let inner): text += rows(inner, below: "\(name).")
      case .named: continue
      }
    }
    return text
  }
}

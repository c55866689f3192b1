/// Which alert a person means.
enum AlertChoice {
  /// The one with that id, or the only one that begins so. `noInput` for none, `usage` for several.
  static func one(_ id: String, among entries: [Alerts.Entry]) throws(Failure) -> Alerts.Entry {
    if let exact = entries.first(where: { $0.id == id }) { return exact }
    let found = entries.filter { $0.id.hasPrefix(id) }
    guard let first = found.first, !id.isEmpty else {
      throw Failure(.noInput, "no alert \"\(id.prefix(80))\"", next: "ccci-alerts list shows them")
    }
    guard found.count == 1 else {
      throw Failure(.usage, "\"\(id)\" begins \(found.count) alerts", next: "name more of it, for example \(first.id)")
    }
    return first
  }
}

import FoundationEssentials

/// An alert as `list` and `show` print it.
struct AlertRow: Encodable {
  var id: String
  var alert: Alert
  /// Sink → `delivered`, or why not.
  var sinks: [String: String]

  init(_ entry: Alerts.Entry, _ delivery: [String: AlertDelivery.State]) {
    id = entry.id
    alert = entry.alert
    sinks = delivery.mapValues { state in
      state.delivered != nil ? "delivered" : "\(state.attempts) attempts: \(state.failure ?? "not yet")"
    }
  }

  var text: String { "\(id)  \(alert.says)\(versions)" }

  private var versions: String {
    switch (alert.fromVersion, alert.toVersion) {
    case (let from?, let to?): " (\(from) → \(to))"
    case (let one?, nil), (nil, let one?): " (\(one))"
    case (nil, nil): ""
    }
  }

  var lines: [String] {
    var lines = [text, "  app     \(alert.app)", "  reason  \(alert.reason.rawValue)", "  since   \(alert.ts.formatted(.iso8601))"]
    lines += alert.details.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    lines += sinks.sorted { $0.key < $1.key }.map { "  to \($0.key): \($0.value)" }
    if let notes = alert.releaseNotes { lines += ["  notes:"] + notes.split(separator: "\n").map { "    \($0)" } }
    return lines
  }
}

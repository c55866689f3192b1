import FoundationEssentials

/// One line a day: alive, and what there is to say.
struct Heartbeat: Sendable, Equatable, Encodable {
  var kind = "heartbeat"
  var instance: String
  var ts: Date
  /// Runs that began within the last 24 h, and the newest of all.
  var runs: Int
  var lastRun: Date?
  /// Alerts that wait to be acknowledged.
  var alerts: Int
  /// Per cent of the shelf's filesystem in use, bytes and inodes.
  var disk: Int
  var inodes: Int

  enum CodingKeys: String, CodingKey {
    case kind, instance, ts, runs, alerts, disk, inodes
    case lastRun = "last_run"
  }

  /// - Parameter look: the alerts that wait; one that cannot be read is one of them.
  static func take(_ settings: Settings, _ look: Alerts.Look, now: Date) throws(Failure) -> Heartbeat {
    let instance = try Instance.onShelf(settings.host.shelf).id
    let records = RunRecords(runs: settings.host.runs)
    let space = try Files.space(at: settings.host.shelf)
    return Heartbeat(
      instance: instance, ts: now, runs: try records.since(now.addingTimeInterval(-86_400)).count,
      lastRun: try records.newest(1).first?.started,
      alerts: look.entries.count + look.unreadable.count, disk: Int((space.used * 100).rounded()),
      inodes: Int((space.inodesUsed * 100).rounded()))
  }

  var line: String {
    let last = lastRun.map { ", the last at \($0.formatted(.iso8601))" } ?? ""
    return "alive: \(runs) runs in 24 h\(last), \(alerts) alerts waiting, disk \(disk) %, inodes \(inodes) %"
  }

  /// `2026-03-01`, UTC.
  static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}

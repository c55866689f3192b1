public import ArgumentParser

/// `ccci-alerts`.
public struct AlertsCommand: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "ccci-alerts",
    abstract: "List, show, acknowledge and relay alerts.",
    discussion: """
      An alert is a file below <shelf>/alerts that some command wrote because a person must know something. It waits there until it is acknowledged;
      relay brings it once to each sink of the settings.

      Examples:
        ccci-alerts list --check
        ccci-alerts show 20260301T0215
        ccci-alerts ack --all
        ccci-alerts relay

      Exit codes: 0 done; 1 alerts are waiting (--check), or a sink did not take one; others: see docs/exit-codes.md.
      """,
    version: Toolkit.version,
    subcommands: [
      AlertListCommand.self, AlertShowCommand.self, AlertAckCommand.self, AlertRelayCommand.self, AlertHeartbeatCommand.self,
    ],
    defaultSubcommand: AlertListCommand.self)

  public init() {}
}

/// `ccci-alerts list`.
struct AlertListCommand: Subcommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the alerts that wait, oldest first.")

  @Flag(help: "Exit 1 when there are any.")
  var check = false

  @Flag(help: "Those that were acknowledged instead.")
  var seen = false

  @Flag(help: "One JSON object a line.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let alerts = Alerts(shelf: try Settings.read(tool.environment).host.shelf)
    let entries = try seen ? alerts.acknowledged() : alerts.waiting()
    let delivery = try AlertDelivery.read(in: alerts)
    for entry in entries {
      let row = AlertRow(entry, delivery.alerts[entry.id] ?? [:])
      tool.console.fact(try json ? String(decoding: JSONCoding.line(row), as: UTF8.self) : row.text)
    }
    if entries.isEmpty, !json { tool.console.fact(seen ? "no acknowledged alerts" : "no alerts") }
    return check && !entries.isEmpty ? .no : .ok
  }
}

/// `ccci-alerts show`.
struct AlertShowCommand: Subcommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Print one alert with all it says.")

  @Argument(help: "Its id, or the beginning of it.")
  var id: String

  @Flag(help: "Print the file itself.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let alerts = Alerts(shelf: try Settings.read(tool.environment).host.shelf)
    let entry = try AlertChoice.one(id, among: alerts.waiting() + alerts.acknowledged())
    if json {
      tool.console.fact(String(decoding: try JSONCoding.encode(entry.alert).dropLast(), as: UTF8.self))
    } else {
      for line in AlertRow(entry, try AlertDelivery.read(in: alerts).alerts[entry.id] ?? [:]).lines { tool.console.fact(line) }
    }
    return .ok
  }
}

/// `ccci-alerts ack`.
struct AlertAckCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "ack", abstract: "Acknowledge alerts: they are kept, and not shown or relayed any more.")

  @Argument(help: "Their ids, or the beginnings of them.")
  var ids: [String] = []

  @Flag(help: "All that wait.")
  var all = false

  @Flag(help: "One JSON object a line.")
  var json = false

  private struct Row: Encodable {
    var id: String
    var acknowledged: Bool
  }

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    guard all != !ids.isEmpty else {
      throw Failure(.usage, "ack: name alerts, or --all", next: "ccci-alerts list shows them")
    }
    let alerts = Alerts(shelf: try Settings.read(tool.environment).host.shelf)
    let waiting = try alerts.waiting()
    // All are looked up before the first is moved.
    let chosen = try all ? waiting : ids.map { (id) throws(Failure) in try AlertChoice.one(id, among: waiting) }
    for entry in chosen {
      let row = Row(id: entry.id, acknowledged: try alerts.acknowledge(entry.id))
      tool.console.fact(
        json
          ? String(decoding: try JSONCoding.line(row), as: UTF8.self)
          : "\(row.acknowledged ? "acknowledged" : "was acknowledged already")  \(entry.id)")
    }
    if chosen.isEmpty, !json { tool.console.fact("no alerts") }
    return .ok
  }
}

/// `ccci-alerts relay`.
struct AlertRelayCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "relay", abstract: "Bring each waiting alert to each sink that has not taken it yet.")

  @Flag(help: "Also those whose next attempt is not due yet.")
  var now = false

  @Flag(help: "Print what was done, as JSON.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    guard !settings.alerts.sinks.isEmpty else {
      throw Failure(.config, "alerts: there is no sink", next: "add [alerts.<name>] with command or url to the settings")
    }
    let report = try await AlertRelay(
      alerts: Alerts(shelf: settings.host.shelf), settings: settings.alerts,
      courier: AlertCourier(host: tool.host, environment: tool.environment, authorities: settings.host.authorities)
    ).pass(isImpatient: now)
    if json {
      tool.console.fact(String(decoding: try JSONCoding.line(report), as: UTF8.self))
    } else {
      tool.console.fact("\(report.delivered) delivered, \(report.failed) failed, \(report.later) not due yet")
      for (sink, why) in report.failures.sorted(by: { $0.key < $1.key }) { tool.console.fact("  \(sink): \(why)") }
    }
    if let code = Unreadable.said(report.unreadable, tool) { return code }
    return report.failed > 0 ? .no : .ok
  }
}

/// What a command says of alerts that it had to pass over, when all else is done.
private enum Unreadable {
  /// nil when there are none.
  static func said(_ reasons: [String], _ tool: Tool) -> ExitCode? {
    for why in reasons { tool.console.failure(Failure(.badData, why, next: "repair the file, or move it away")) }
    return reasons.isEmpty ? nil : .badData
  }
}

/// `ccci-alerts heartbeat`.
struct AlertHeartbeatCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "heartbeat", abstract: "Tell the sinks that asked for it, once a day, that all is well: silence is then a message.")

  @Flag(help: "Even when today's was delivered.")
  var now = false

  @Flag(help: "Print what is sent, as JSON.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    guard settings.alerts.sinks.contains(where: \.heartbeat) else {
      throw Failure(.config, "alerts: no sink asks for a heartbeat", next: "set heartbeat = true under an [alerts.<name>] of the settings")
    }
    let alerts = Alerts(shelf: settings.host.shelf)
    let look = try alerts.look()
    let beat = try Heartbeat.take(settings, look, now: tool.host.now())
    let failures = try await AlertRelay(
      alerts: alerts, settings: settings.alerts,
      courier: AlertCourier(host: tool.host, environment: tool.environment, authorities: settings.host.authorities)
    ).beat(beat, isImpatient: now)
    tool.console.fact(json ? String(decoding: try JSONCoding.line(beat), as: UTF8.self) : beat.line)
    for (sink, why) in failures.sorted(by: { $0.key < $1.key }) { tool.console.fact("  \(sink): \(why)") }
    return Unreadable.said(look.unreadable.map(\.why), tool) ?? (failures.isEmpty ? .ok : .no)
  }
}

import FoundationEssentials

/// One pass that brings what is due to the sinks. Two at once: the second waits for the first, and finds done what it has done.
///
/// Each delivery is on disk before the next begins: a kill repeats at most the one message that was on its way.
struct AlertRelay: Sendable {
  let alerts: Alerts
  let settings: AlertSettings
  let courier: AlertCourier

  struct Report: Sendable, Equatable, Encodable {
    var delivered = 0
    var failed = 0
    var later = 0
    /// Sink → why it took the last one not.
    var failures: [String: String] = [:]
    /// Why files of alerts cannot be read. What their names say is brought all the same.
    var unreadable: [String] = []
  }

  /// What a sink receives.
  private struct Message: Encodable {
    var id: String
    var kind = "alert"
    var alert: Alert
  }

  func pass(isImpatient: Bool) async throws(Failure) -> Report {
    let lock = try await locked()
    defer { withExtendedLifetime(lock) {} }
    var delivery = try AlertDelivery.read(in: alerts)
    let look = try alerts.look()
    let waiting = look.entries + look.unreadable.compactMap(\.entry)
    let ids = waiting.map(\.id).sorted()
    delivery.keep(ids)
    try delivery.write(in: alerts)
    let sinks = settings.sinks.map(\.name)
    let due = delivery.due(ids, sinks: sinks, now: isImpatient ? .distantFuture : courier.host.now())
    var report = Report(unreadable: look.unreadable.map(\.why))
    report.later = delivery.due(ids, sinks: sinks, now: .distantFuture).count - due.count
    for (id, name) in due {
      guard let entry = waiting.first(where: { $0.id == id }), let sink = settings.sinks.first(where: { $0.name == name }) else { continue }
      // Somebody may have acknowledged it meanwhile.
      guard try Files.status("\(alerts.folder)/\(id).json") != nil else { continue }
      let message = try JSONCoding.line(Message(id: id, alert: entry.alert)) + [10]
      if let why = try await courier.bring(message, key: id, to: sink) {
        delivery.fail(id, at: name, why: why, now: courier.host.now(), pause: settings.retry)
        report.failed += 1
        report.failures[name] = why
      } else {
        delivery.deliver(id, to: name, now: courier.host.now())
        report.delivered += 1
      }
      try delivery.note(id, name, in: alerts)
    }
    try delivery.write(in: alerts)
    return report
  }

  /// The day's heartbeat. Sink → why it did not take it.
  func beat(_ beat: Heartbeat, isImpatient: Bool) async throws(Failure) -> [String: String] {
    let lock = try await locked()
    defer { withExtendedLifetime(lock) {} }
    var delivery = try AlertDelivery.read(in: alerts)
    var failures: [String: String] = [:]
    for sink in settings.sinks where sink.heartbeat {
      if !isImpatient, let last = delivery.heartbeats[sink.name], Heartbeat.day(last) == Heartbeat.day(beat.ts) { continue }
      if let why = try await courier.bring(try JSONCoding.line(beat) + [10], key: "heartbeat-\(Heartbeat.day(beat.ts))", to: sink) {
        failures[sink.name] = why
      } else {
        delivery.heartbeats[sink.name] = beat.ts
        try delivery.write(in: alerts)
      }
    }
    return failures
  }

  private func locked() async throws(Failure) -> FileLock {
    let path = "\(alerts.folder)/.relay.lock"
    let end = ContinuousClock.now + .seconds(120)
    while true {
      if let lock = try FileLock.attempt(path, holder: "ccci-alerts relay") { return lock }
      guard ContinuousClock.now < end else {
        throw Failure(.tryAgain, "alerts: another relay is at work", why: "for 120 s already", next: "run it again when that is done")
      }
      try await courier.host.sleep(.milliseconds(50))
    }
  }
}

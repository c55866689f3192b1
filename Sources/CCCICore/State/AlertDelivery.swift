public import FoundationEssentials

/// `alerts/delivery.json`: what of each alert has reached each sink. Written by the one relay that holds its lock.
public struct AlertDelivery: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  /// Alert id → sink → how far it is.
  public var alerts: [String: [String: State]]
  /// Sink → when its last heartbeat was delivered.
  public var heartbeats: [String: Date]

  public struct State: Sendable, Equatable, Codable {
    /// When the sink took it; nil while it has not.
    public var delivered: Date?
    public var attempts: Int
    /// Why the last attempt failed, and when the next is due.
    public var failure: String?
    public var next: Date?

    public init(delivered: Date? = nil, attempts: Int = 0, failure: String? = nil, next: Date? = nil) {
      self.delivered = delivered
      self.attempts = attempts
      self.failure = failure
      self.next = next
    }
  }

  public init(alerts: [String: [String: State]] = [:], heartbeats: [String: Date] = [:]) {
    self.alerts = alerts
    self.heartbeats = heartbeats
  }

  public static func path(in alerts: Alerts) -> String { "\(alerts.folder)/delivery.json" }

  /// What was done since the file was written: a line each, so that no delivery waits for the whole file to be written anew.
  static func journal(in alerts: Alerts) -> String { "\(alerts.folder)/.delivery.jsonl" }

  /// One line of the journal.
  private struct Step: Codable {
    var id: String
    var sink: String
    var state: State
  }

  public static func read(in alerts: Alerts) throws(Failure) -> AlertDelivery {
    let path = path(in: alerts)
    var found = AlertDelivery()
    if let bytes = try Files.readIfPresent(path) { found = try JSONCoding.decode(AlertDelivery.self, from: bytes, path: path) }
    let journal = journal(in: alerts)
    // A kill may cut the last line off: what it was to say was not yet said.
    let lines = (try Files.readIfPresent(journal) ?? []).split(separator: 10, omittingEmptySubsequences: false).dropLast()
    for line in lines where !line.isEmpty {
      let step: Step
      do throws(Failure) { step = try JSONCoding.decode(Step.self, from: Array(line), path: journal) } catch { continue }
      found.alerts[step.id, default: [:]][step.sink] = step.state
    }
    return found
  }

  /// Writes the file whole, and forgets the journal that is in it now.
  public func write(in alerts: Alerts) throws(Failure) {
    try Files.write(JSONCoding.encode(self), to: Self.path(in: alerts))
    try Files.remove(Self.journal(in: alerts))
  }

  /// Makes the state of one alert at one sink durable.
  public func note(_ id: String, _ sink: String, in alerts: Alerts) throws(Failure) {
    guard let state = self.alerts[id]?[sink] else { return }
    let path = Self.journal(in: alerts)
    // A line that was cut off by a kill must not swallow this one.
    try Files.append([10] + JSONCoding.line(Step(id: id, sink: sink, state: state)) + [10], to: path)
    try Files.synchronize(file: path)
  }

  /// Pure: what is due at `now`, alert by alert and sink by sink. An alert is due once a sink, until the sink takes it.
  public func due(_ ids: [String], sinks: [String], now: Date) -> [(id: String, sink: String)] {
    ids.flatMap { id in
      sinks.compactMap { sink in
        let state = alerts[id]?[sink]
        if state?.delivered != nil { return nil }
        if let next = state?.next, next > now { return nil }
        return (id, sink)
      }
    }
  }

  public mutating func deliver(_ id: String, to sink: String, now: Date) {
    let attempts = alerts[id]?[sink]?.attempts ?? 0
    alerts[id, default: [:]][sink] = State(delivered: now, attempts: attempts + 1)
  }

  /// Each failure doubles the pause before the next attempt, up to 6 h.
  public mutating func fail(_ id: String, at sink: String, why: String, now: Date, pause: Duration) {
    let attempts = (alerts[id]?[sink]?.attempts ?? 0) + 1
    let wait = min(6 * 3600, pause.seconds * Double(1 << min(attempts - 1, 20)))
    alerts[id, default: [:]][sink] = State(attempts: attempts, failure: why, next: now.addingTimeInterval(wait))
  }

  /// Forgets alerts that are no longer there.
  public mutating func keep(_ ids: [String]) {
    let present = Set(ids)
    alerts = alerts.filter { present.contains($0.key) }
  }
}

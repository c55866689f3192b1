import FoundationEssentials

/// When to look again: at once after an event, then every 25 ms for a while, otherwise once a second.
///
/// The short interval is there because swarm's manager learns of a task's new state up to 100 ms after the container's event
/// (its dispatcher collects reports for that long), and nothing announces that moment.
struct StackPace {
  private(set) var looks = 0
  /// Time stamp of the newest event.
  private(set) var newest: Date?
  private var last: ContinuousClock.Instant?
  private var eagerUntil: ContinuousClock.Instant?

  /// Decides, and counts a look when it is due.
  mutating func isDue(after events: [EngineEvent], at now: ContinuousClock.Instant, deadline: ContinuousClock.Instant) -> Bool {
    if let time = events.map(\.time).max() {
      newest = max(newest ?? time, time)
      eagerUntil = now.advanced(by: .milliseconds(600))
    }
    let isEager = eagerUntil.map { now < $0 } ?? false
    let isDue = last.map { isEager || now >= deadline || $0.duration(to: now) >= .seconds(1) } ?? true
    if isDue { (last, looks) = (now, looks + 1) }
    return isDue
  }
}

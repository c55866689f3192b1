import CCCICore
import FoundationEssentials

/// A made-up stack whose services live and die by a script; shows what swarm would show at any second, history limit included.
struct StackStory {
  /// One task: a container from `start` to `end`.
  struct Life {
    var start: Double
    var end: Double = .infinity
    /// Seconds after the start; nil without a healthcheck.
    var healthyAfter: Double?
    var exit = 1
  }

  var services: [String: [Life]]

  /// Fails over and over: lives `lives` seconds, then waits `pause`.
  static func crashing(until end: Double = 2000, lives: Double = 1, pause: Double = 5, checked: Bool = false) -> [Life] {
    stride(from: 0, to: end, by: lives + pause).map { Life(start: $0, end: $0 + lives, healthyAfter: checked ? lives + 1 : nil) }
  }

  /// Runs on, healthy after so many seconds; without a healthcheck when nil.
  static func steady(from start: Double = 0, healthyAfter: Double? = nil) -> [Life] { [Life(start: start, healthyAfter: healthyAfter)] }

  func view(at now: Double) -> StackView {
    var states: [ServiceState] = []
    var tasks: [TaskState] = []
    for (name, lives) in services.sorted(by: { $0.key < $1.key }) {
      let begun = lives.enumerated().filter { $0.element.start <= now }.suffix(6)
      let shown = begun.map { task($0.element, "\(name)-\($0.offset)", name, now) }
      states.append(.made(name, "\(shown.filter { $0.state == .running }.count)/1"))
      tasks += shown
    }
    return .made(states, tasks, at: now)
  }

  private func task(_ life: Life, _ id: String, _ service: String, _ now: Double) -> TaskState {
    let isChecked = life.healthyAfter != nil
    if now >= life.end {
      return .made(id, of: service, life.exit == 0 ? .complete : .failed, desired: .shutdown, at: life.end, exit: life.exit)
        .born(life.start)
    }
    let ready = life.start + (life.healthyAfter ?? 0)
    let isReady = now >= ready
    return .made(id, of: service, isReady ? .running : .starting, at: isReady ? ready : life.start, health: isChecked ? isReady : nil)
      .born(life.start)
  }

  /// When a watch that looks every `step` seconds first finds a crash loop.
  func verdict(until end: Double = 1000, step: Double = 1, thresholds: CrashLoop.Thresholds = .init()) -> (at: Double, CrashLoop.Verdict)? {
    var history = TaskHistory(stack: "s", since: dawn)
    for now in stride(from: 0, through: end, by: step) {
      history.add(view(at: now))
      if let verdict = CrashLoop.judge(history, now: second(now), thresholds: thresholds) { return (now, verdict) }
    }
    return nil
  }
}

extension TaskState {
  fileprivate func born(_ start: Double) -> TaskState {
    var copy = self
    copy.created = second(start)
    return copy
  }
}

import FoundationEssentials

/// One pass: from new comments to builds, and from builds to what their comments say.
public struct PollPass: Sendable {
  let settings: Settings
  let host: Host
  let shelf: PollShelf
  let tokens: (forge: String, drone: String)
  let says: @Sendable (String) -> Void

  /// Answered triggers are kept so long.
  static let retention = 30 * 86_400.0

  /// What a pass has done.
  public struct Report: Sendable, Equatable, Encodable {
    public var open = 0
    public var troubles: [String] = []
  }

  /// Another pass at work is `tryAgain`.
  ///
  /// - Parameter only: the one repository to read, after a hint; nil for all that have changed.
  public func run(only: String? = nil) async throws(Failure) -> Report {
    guard let lock = try FileLock.attempt(shelf.lock, holder: "ccci-poll") else {
      throw Failure(.tryAgain, "another pass is at work", next: "nothing is lost: it does the same")
    }
    defer { withExtendedLifetime(lock) {} }
    let desk = try desk()
    var ending: Failure?
    do throws(Failure) { try await walk(desk, only: only) } catch {
      // A poller that dies writes nothing any more.
      if error == .cancelled { throw error }
      ending = error
    }
    var memory = desk.memory.withLock { $0 }
    memory.hosts = desk.gate.now
    if only == nil { memory.passed = desk.now }
    try shelf.write(memory)
    if let ending { throw ending }
    return Report(open: try desk.open().count, troubles: memory.troubles.keys.sorted())
  }

  /// What a pass begins with.
  func desk() throws(Failure) -> PollDesk {
    try PollDesk(
      settings: settings, host: host, shelf: shelf, forgeToken: tokens.forge, droneToken: tokens.drone, memory: try shelf.memory(),
      says: says)
  }

  private func walk(_ desk: PollDesk, only: String?) async throws(Failure) {
    guard let bot = try await bot(desk) else { return }
    let reader = CommentReader(desk: desk, bot: bot)
    if let only { if let entry = desk.enrolment.entry(only) { try await reader.read(entry) } } else { try await reader.read() }
    let isMeant = { (trigger: PollTrigger) in only == nil || trigger.state == .seen || trigger.cancelledBy != nil }
    // A cancel is written into triggers of others: what is walked is what stands there now. Those that were walked before it have a second turn.
    for turn in 1...2 {
      for place in Self.order(try desk.open(), at: desk.now) {
        guard let trigger = try desk.open(place.comment),
          turn == 1 ? isMeant(trigger) : trigger.cancelledBy != nil && trigger.state != .ended
        else { continue }
        try await TriggerWalk(desk: desk, bot: bot).walk(trigger)
      }
    }
    try tidy(desk)
  }

  /// First what waits for a build, in the order of the comments. What has one comes after it, beginning with another each time: should a server
  /// fall silent in the middle of every pass, each has its turn.
  static func order(_ triggers: [PollTrigger], at now: Date) -> [PollTrigger] {
    let building = triggers.filter { $0.state == .building }
    guard !building.isEmpty else { return triggers }
    let start = Int(max(0, now.timeIntervalSince1970) / 30) % building.count
    return triggers.filter { $0.state != .building } + building[start...] + building[..<start]
  }

  /// Who we are. nil when nobody can say now: nothing is lost by waiting.
  private func bot(_ desk: PollDesk) async throws(Failure) -> GiteaUser? {
    do throws(Failure) { try await TokenCheck(desk: desk).drone() } catch {
      if error == .cancelled { throw error }
      desk.note("drone token", error)
      return try await forge(desk)
    }
    desk.note("drone token", nil)
    return try await forge(desk)
  }

  private func forge(_ desk: PollDesk) async throws(Failure) -> GiteaUser? {
    do throws(Failure) {
      let bot = try await TokenCheck(desk: desk).bot()
      desk.note("bot", nil)
      return bot
    } catch {
      if error == .cancelled { throw error }
      desk.note("bot", error)
      return nil
    }
  }

  private func tidy(_ desk: PollDesk) throws(Failure) {
    let now = desk.now
    let last = desk.memory.withLock { $0.tidied }
    if let last, abs(now.timeIntervalSince(last)) < 86_400 { return }
    try shelf.forget(before: now.addingTimeInterval(-Self.retention))
    desk.memory.withLock { $0.tidied = now }
  }
}

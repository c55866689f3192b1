import FoundationEssentials

/// Step 1 and 2 of a pass: new comments become triggers on disk.
struct CommentReader: Sendable {
  let desk: PollDesk
  let bot: GiteaUser
  /// The clocks at the first answer about a repository.
  private let first = Locked<PollClocks?>(nil)

  /// At most so many requests to the git host at once.
  static let width = 4

  init(desk: PollDesk, bot: GiteaUser) {
    self.desk = desk
    self.bot = bot
  }

  /// Reads what has changed. What cannot be read is noted at its repository and keeps no other from being read.
  func read() async throws(Failure) {
    let whole = desk.enrolment.isLarge ? try await feeds() : desk.enrolment.entries
    try await each(whole) { entry async throws(Failure) in try await noted(entry) { () async throws(Failure) in try await sweep(entry) } }
    if !desk.enrolment.isLarge, let first = first.withLock({ $0 }) { desk.memory.withLock { $0.clocks = first } }
  }

  /// Reads one repository as a whole.
  func read(_ entry: Enrolment.Entry) async throws(Failure) {
    try await noted(entry) { () async throws(Failure) in try await sweep(entry) }
  }

  // MARK: one repository

  private func sweep(_ entry: Enrolment.Entry) async throws(Failure) {
    guard let known = try desk.shelf.repository(owner: entry.owner, repo: entry.repo) else { return try await begin(entry) }
    // Once a day far back, and when it was not read with the others the last time.
    let isOld = abs(desk.now.timeIntervalSince(known.swept)) > PollCursor.day
    let (isOwed, clocks) = desk.memory.withLock { ($0.owed.contains(entry.slug), $0.clocks) }
    let last = isOld || isOwed || desk.enrolment.isLarge ? nil : clocks
    let answer = try await answer(after: known.cursor, last: last) { since async throws(Failure) in
      try await desk.gitea.comments(entry.slug, since: since)
    }
    if let clocks = answer.clocks { first.withLock { $0 = $0 ?? clocks } }
    try take(answer.value, of: entry, server: answer.clocks?.server, swept: isOld ? desk.now : nil)
  }

  /// One answer, asked for from so far back that nothing is missed; twice when only the answer tells that a clock has stepped.
  private func answer<Value: Sendable>(
    after cursor: Date, last: PollClocks?, _ ask: (Date) async throws(Failure) -> Gitea.Dated<Value>
  ) async throws(Failure) -> (value: Value, clocks: PollClocks?, since: Date) {
    let since = PollCursor.start(cursor, last: last, now: last?.at(desk.now))
    let answer = try await ask(since)
    let clocks = answer.date.map { PollClocks(server: $0, local: desk.now) }
    let needed = PollCursor.start(cursor, last: last, now: clocks)
    return needed < since ? (try await ask(needed).value, clocks, needed) : (answer.value, clocks, since)
  }

  /// The very first look: everything that is there was there before us.
  private func begin(_ entry: Enrolment.Entry) async throws(Failure) {
    let answer = try await desk.gitea.comments(entry.slug, since: desk.now.addingTimeInterval(-PollCursor.day))
    var known = PollRepository(owner: entry.owner, repo: entry.repo, now: answer.date ?? desk.now)
    known.swept = desk.now
    known.floor = answer.value.map(\.id).max() ?? 0
    try desk.shelf.write(known)
    desk.says("\(entry.slug): enrolled; comments from now on count")
  }

  /// Triggers first, then the record that they were seen: a crash in between repeats what is idempotent.
  ///
  /// - Parameter isWhole: the answer was about the whole repository, so its cursor may move.
  private func take(
    _ comments: [GiteaComment], of entry: Enrolment.Entry, server: Date?, isWhole: Bool = true, swept: Date? = nil
  ) throws(Failure) {
    guard let known = try desk.shelf.repository(owner: entry.owner, repo: entry.repo) else { return }
    let decisions = PollPass.decide(comments, known: known, bot: bot.id)
    for decision in decisions {
      guard let order = decision.order, let pull = decision.comment.pull else { continue }
      let trigger = PollTrigger(
        host: desk.forgeName, owner: entry.owner, repo: entry.repo, pr: pull, comment: decision.comment.id, user: decision.comment.user.id,
        login: decision.comment.user.login, created: decision.comment.created, order: order, now: desk.now)
      guard try desk.shelf.trigger(trigger.comment)?.key != trigger.key else { continue }
      try desk.write(trigger)
      desk.says("\(trigger.key): \(order.verb.rawValue)\(order.flags)")
    }
    var next = PollPass.record(decisions, all: comments, server: server, in: known)
    if !isWhole { next.cursor = known.cursor }
    next.trouble = nil
    next.swept = swept ?? known.swept
    if next != known { try desk.shelf.write(next) }
  }

  /// The failure of one repository stays with it. Only what ends the pass is thrown: a cancel, a disk, a host that is away.
  ///
  /// - Parameter isWhole: all of it is read. One pull request that could be read does not settle what is owed for another.
  private func noted(
    _ entry: Enrolment.Entry, isWhole: Bool = true, _ body: () async throws(Failure) -> Void
  ) async throws(Failure) {
    do throws(Failure) {
      try await body()
      if isWhole { owe(entry, false) }
    } catch {
      if error == .cancelled || error.code == .ioError { throw error }
      owe(entry, true)
      // That the host is away is said once, and not at each repository.
      if error.code == .unavailable { return }
      if error.code == .denied { TokenCheck(desk: desk).forget("gitea") }
      try complain(entry, error)
    }
  }

  /// Once: the same again is nothing new.
  private func complain(_ entry: Enrolment.Entry, _ failure: Failure) throws(Failure) {
    let known: PollRepository?
    do throws(Failure) { known = try desk.shelf.repository(owner: entry.owner, repo: entry.repo) } catch  where error.code == .badData {
      known = nil
    }
    guard var known else { return desk.note("repository \(entry.slug)", failure) }
    let trouble = PollTrouble.next(known.trouble, failure, now: desk.now)
    guard known.trouble != trouble else { return }
    desk.says("\(entry.slug): \(failure.sentence); \(failure.hint)")
    known.trouble = trouble
    try desk.shelf.write(known)
  }

  // MARK: many repositories

  /// Reads what the owners' feeds say; answers with the repositories that are to be read as a whole besides.
  private func feeds() async throws(Failure) -> [Enrolment.Entry] {
    var whole: [Enrolment.Entry] = []
    for entry in desk.enrolment.entries where try isDue(entry) { whole.append(entry) }
    for owner in desk.enrolment.owners {
      do throws(Failure) { try await feed(owner) } catch {
        if error == .cancelled || error.code == .ioError { throw error }
        if error.code != .unavailable {
          desk.note("feed \(owner)", error)
          // Nothing is missed: until it works again, each repository is read by itself.
          whole = whole.filter { $0.owner != owner } + desk.enrolment.entries.filter { $0.owner == owner }
        }
        continue
      }
      desk.note("feed \(owner)", nil)
    }
    return whole
  }

  private func feed(_ owner: String) async throws(Failure) {
    let known = desk.memory.withLock { $0.feeds[owner] }
    let answer = try await answer(after: known?.cursor ?? desk.now, last: known?.clocks) {
      since async throws(Failure) in try await desk.gitea.changedPulls(of: owner, since: since)
    }
    guard let known else {
      var feed = PollMemory.Feed(cursor: answer.clocks?.server ?? desk.now)
      feed.clocks = answer.clocks
      return desk.memory.withLock { $0.feeds[owner] = feed }
    }
    var feed = known
    feed.pulls = [:]
    var changed: [(entry: Enrolment.Entry, pull: Int)] = []
    for issue in answer.value {
      guard let slug = issue.repository?.fullName, let entry = desk.enrolment.entry(slug) else { continue }
      let name = "\(entry.slug)#\(issue.number)"
      let mark = PollMemory.Feed.Mark(updated: issue.updated, comments: issue.comments)
      if known.pulls[name] != mark { changed.append((entry, issue.number)) }
      feed.pulls[name] = mark
    }
    try await each(changed) { changed async throws(Failure) in
      try await noted(changed.entry, isWhole: false) { () async throws(Failure) in
        let comments = try await desk.gitea.comments(
          changed.entry.slug, pull: changed.pull, since: answer.since)
        try take(comments.value, of: changed.entry, server: comments.date, isWhole: false)
      }
    }
    // What could not be read is owed, and read as a whole: the feed need not wait for it.
    feed.cursor = PollCursor.next(known.cursor, newest: answer.value.map(\.updated).max(), server: answer.clocks?.server)
    feed.clocks = answer.clocks
    desk.memory.withLock { $0.feeds[owner] = feed }
  }

  /// Once a day at a time of its own, when it is owed, and when it was never read.
  private func isDue(_ entry: Enrolment.Entry) throws(Failure) -> Bool {
    let (owed, passed) = desk.memory.withLock { ($0.owed.contains(entry.slug), $0.passed) }
    if owed { return true }
    if let passed, !Self.isSlot(of: entry.slug, between: passed, and: desk.now) {
      return try Files.status(desk.shelf.path(owner: entry.owner, repo: entry.repo)) == nil
    }
    return true
  }

  /// Whether the repository's second of the day lies between two moments.
  static func isSlot(of slug: String, between start: Date, and end: Date) -> Bool {
    guard end >= start, end.timeIntervalSince(start) < PollCursor.day else { return true }
    let digits = SHA256.hex(slug).prefix(7)
    let slot = Double((Int(digits, radix: 16) ?? 0) % Int(PollCursor.day))
    let day = { (date: Date) in ((date.timeIntervalSince1970 - slot) / PollCursor.day).rounded(.down) }
    return day(end) > day(start)
  }

  private func owe(_ entry: Enrolment.Entry, _ isOwed: Bool) {
    desk.memory.withLock { memory in
      if isOwed { memory.owed.insert(entry.slug) } else { memory.owed.remove(entry.slug) }
    }
    if !isOwed { desk.note("repository \(entry.slug)", nil) }
  }

  /// Several at once, each once.
  private func each<Item: Sendable>(_ items: [Item], _ body: @escaping @Sendable (Item) async throws(Failure) -> Void) async throws(Failure)
  {
    let failure = await withTaskGroup(of: Failure?.self) { group in
      var rest = items[...]
      var first: Failure?
      func start() {
        guard let item = rest.popFirst() else { return }
        group.addTask {
          do throws(Failure) { try await body(item) } catch { return error }
          return nil
        }
      }
      for _ in 0..<Self.width { start() }
      while let ended = await group.next() {
        if let ended { first = first ?? ended } else if first == nil { start() }
      }
      return first
    }
    if let failure { throw failure }
  }
}

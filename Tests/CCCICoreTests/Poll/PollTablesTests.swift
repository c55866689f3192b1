import FoundationEssentials
import Testing

@testable import CCCICore

private let zero = Date(timeIntervalSince1970: 1_780_000_000)

private func at(_ seconds: Double) -> Date { zero.addingTimeInterval(seconds) }

@Suite struct PollCursorTests {
  @Test(arguments: [
    // newest, server, expected cursor; it stands at 1000
    (1050.0, 1060.0, 1050.0), (900, 1060, 1000), (nil, 1060, 1000), (nil, 1700, 1640), (1050, nil, 1050), (nil, nil, 1000),
    // never past the server's own clock
    (5000, 1060, 1060),
    // a clock that lies before the cursor takes it with it
    (nil, 500, 440), (1010, 500, 440),
  ])
  func `a cursor moves to the newest change, and over silence in large steps`(newest: Double?, server: Double?, expected: Double) {
    #expect(PollCursor.next(at(1000), newest: newest.map(at), server: server.map(at)) == at(expected))
  }

  @Test(arguments: [
    // The clocks now; they were both at 1000. From where on is read?
    (1010.0, 1010.0, "overlap"), (1100, 1100, "overlap"),
    // The server's went back, and has passed the cursor again since; ours forward.
    (1050, 1200, "far"), (1010, 1020, "far"),
    // Ours back: nothing is hidden by that.
    (1020, 20, "overlap"),
    // Both back.
    (900, 900, "far"),
    // Silent for so long that both could have gone back by as much.
    (1101, 1101, "far"), (4000, 2000, "far"),
  ])
  func `a clock that could have gone back is answered by reading a day back`(server: Double, local: Double, from: String) {
    let last = PollClocks(server: at(1000), local: at(1000))
    let start = PollCursor.start(at(990), last: last, now: PollClocks(server: at(server), local: at(local)))
    #expect(start == (from == "far" ? at(min(990, server) - 86_400) : at(870)))
  }

  @Test func `nothing known is read a day back, and a server without a clock as if none stepped`() {
    #expect(PollCursor.start(at(990), last: nil, now: nil) == at(990 - 86_400))
    #expect(PollCursor.start(at(990), last: nil, now: PollClocks(server: at(500), local: at(0))) == at(500 - 86_400))
    #expect(PollCursor.start(at(990), last: PollClocks(server: at(1000), local: at(1000)), now: nil) == at(870))
  }

  @Test func `the overlap is asked for again each time`() { #expect(PollCursor.since(at(1000)) == at(880)) }
}

@Suite struct BackOffTests {
  @Test func `the pause doubles up to eight minutes, half of it by chance`() {
    let longest = (1...8).map { BackOff.pause(after: $0, chance: 1) }
    #expect(longest == [30, 60, 120, 240, 480, 480, 480, 480])
    #expect((1...8).map { BackOff.pause(after: $0, chance: 0) } == longest.map { $0 / 2 })
    #expect(BackOff.pause(after: .max, chance: 9) == 480 && BackOff.pause(after: -3, chance: -1) == 15)
  }

  @Test func `a single 5xx costs nothing, silence does, and what was on its way is not counted again`() {
    let one = BackOff.failed(nil, "answers 500", isSilent: false, now: at(0), chance: 1)
    #expect(one.failures == 1 && one.until == nil)
    let two = BackOff.failed(one, "answers 500", isSilent: false, now: at(1), chance: 1)
    #expect(two.failures == 2 && two.until == at(31) && two.since == at(0))
    #expect(BackOff.failed(two, "timed out", isSilent: true, now: at(2), chance: 1) == two)
    #expect(BackOff.failed(nil, "timed out", isSilent: true, now: at(0), chance: 1).until == at(30))
  }

  @Test func `a host that is away is not asked, and is asked again after the pause`() async throws {
    let forge = FakeForge()
    let asked = Locked(0)
    var host = forge.host
    host.send = { _ async throws(HTTPError) in
      asked.withLock { $0 += 1 }
      throw HTTPError(.timeout, "timed out")
    }
    let gate = HostGate(host, [:]) { 1 }
    let request = HTTPRequest(.get, "https://git.example.org/api/v1/user")
    for _ in 0..<5 { await #expect(throws: HTTPError.self) { try await gate.gated.send(request) } }
    #expect(asked.withLock { $0 } == 1)
    let other = HTTPRequest(.get, "https://drone.example.org/api/user")
    await #expect(throws: HTTPError.self) { try await gate.gated.send(other) }
    #expect(asked.withLock { $0 } == 2, "each host for itself")
    let failure = await #expect(throws: HTTPError.self) { try await gate.gated.send(request) }
    #expect(failure?.isUnsent == true, "what was not sent cannot have had an effect")
    forge.pass(31)
    await #expect(throws: HTTPError.self) { try await gate.gated.send(request) }
    #expect(asked.withLock { $0 } == 3)
  }
}

@Suite struct HeadCheckTests {
  private func pull(_ sha: String) -> GiteaPull { GiteaPull(number: 12, state: "open", merged: false, sha: sha) }

  private func push(_ id: Int, _ seconds: Double, _ body: String = "") -> GiteaEvent {
    GiteaEvent(id: id, type: "pull_push", body: body, created: at(seconds))
  }

  @Test func `only a head that nobody pushed to since is pinned`() {
    let head = PollWorld.sha(1)
    let decide = { (events: [GiteaEvent]) in HeadCheck.decide(pull(head), events, comment: 100, written: at(0)) }
    #expect(decide([]) == .pinned(CommitID(head)!))
    #expect(decide([push(99, 0), push(98, -5)]) == .pinned(CommitID(head)!), "before the comment, in the same second too")
    #expect(decide([GiteaEvent(id: 101, type: "comment", body: "pull_push", created: at(5))]) == .pinned(CommitID(head)!))
    for event in [push(101, 0), push(101, -5), push(99, 1), push(101, 9, "not JSON")] {
      guard case .refused(let why) = decide([event]) else {
        Issue.record("\(event)")
        continue
      }
      #expect(why.contains(head))
    }
    let body = #"{"is_force_push":true,"commit_ids":["\#(PollWorld.sha(7))","\#(head)"]}"#
    guard case .refused(let why) = decide([push(101, 5, body)]) else {
      Issue.record("not refused")
      return
    }
    #expect(why.contains(PollWorld.sha(7)) && why.contains(head), "both commits are named")
  }

  @Test(arguments: ["", "main", "abc", String(repeating: "g", count: 40), String(repeating: "a", count: 39), "--upload-pack=x"])
  func `a head that is no full commit id is refused`(sha: String) {
    guard case .refused = HeadCheck.decide(pull(sha), [], comment: 1, written: at(0)) else {
      Issue.record("\(sha)")
      return
    }
  }
}

@Suite struct AuthorizationTests {
  @Test func `a member may, a stranger may not, and anything unclear is later`() {
    let decide = { Authorization.decide($0, owner: "recipes") }
    #expect(decide(.success(.member)) == .allowed && decide(.success(.stranger)) == .denied)
    let away = Failure(.unavailable, "away")
    #expect(decide(.failure(away)) == .later(away))
    guard case .later(let failure) = decide(.success(.hidden)) else {
      Issue.record("not later")
      return
    }
    #expect(failure.code == .config && failure.what.contains("recipes") && failure.next.contains("team"))
  }
}

@Suite struct QueuePlaceTests {
  private func row(_ build: Int, _ status: DroneBuild.Status, machine: String = "", started: Double = 0, created: Double = 0) -> DroneQueued
  {
    DroneQueued(
      slug: "o/r", build: build, status: status, machine: machine, started: started == 0 ? 0 : zero.timeIntervalSince1970 + started,
      created: zero.timeIntervalSince1970 + created)
  }

  private func place(_ rows: [DroneQueued], waiting: Double = 10, now: Double = 0, duration: Int? = 600) -> QueuePlace {
    QueuePlace.of(9, in: rows, waiting: waiting, timeout: 3600, now: at(now)) { _ in duration }
  }

  @Test func `the place, whom it is behind, and how long that takes`() {
    let ours = row(9, .pending)
    #expect(place([ours]) == QueuePlace(ahead: 0, behind: nil, wait: 0, stuck: nil))
    #expect(place([row(7, .running, started: -200), ours]) == QueuePlace(ahead: 0, behind: 7, wait: 400))
    #expect(
      place([row(6, .running, started: -900), row(7, .pending), row(8, .pending), ours, row(10, .pending)])
        == QueuePlace(ahead: 2, behind: 6, wait: 1200))
    #expect(place([row(7, .running, started: -200), ours], duration: nil).wait == nil)
    #expect(place([row(7, .pending), ours]).behind == 7)
  }

  @Test func `what will never end by itself is said, and not waited for`() {
    let ours = row(9, .pending)
    #expect(place([row(7, .running, started: -4000), ours]).stuck?.contains("build 7") == true)
    #expect(place([row(7, .pending, machine: "cc-ci", created: -90), ours]).stuck?.contains("never begun") == true)
    #expect(place([row(7, .pending, machine: "cc-ci", created: -30), ours]).stuck == nil)
    #expect(place([ours], waiting: 90).stuck?.contains("runner") == true)
    #expect(place([row(7, .running, started: -4000), ours]).wait == nil)
  }

  @Test func `what a recipe usually takes is the middle of what it took`() {
    #expect(QueuePlace.usual("a", ["a": [100, 900, 300], "b": [5]]) == 300)
    #expect(QueuePlace.usual("c", ["a": [100, 900], "b": [5]]) == 100)
    #expect(QueuePlace.usual(nil, [:]) == nil)
  }

  @Test(arguments: [
    (DroneBuild.Status.running, 100.0, "", nil as String?), (.running, 4000, "", "time limit"), (.pending, 0, "cc-ci", "never began"),
    (.pending, 0, "", nil), (.success, 9000, "cc-ci", nil),
  ])
  func `a build is stuck when its runner is gone`(status: DroneBuild.Status, ran: Double, machine: String, words: String?) {
    let build = DroneBuild(
      number: 1, status: status, created: at(-5000), started: ran > 0 ? at(-ran) : nil,
      stages: [DroneBuild.Stage(status: status, machine: machine, started: nil)])
    #expect(build.stuck(at: at(0), timeout: 3600)?.contains(words ?? "") == (words == nil ? nil : true))
  }
}

@Suite struct TriggerStepTests {
  private func trigger(_ state: PollTrigger.State) -> PollTrigger {
    var trigger = PollTrigger(
      host: "h", owner: "o", repo: "r", pr: 1, comment: 2, user: 3, login: "l", created: at(0), order: PollOrder(.testme), now: at(0))
    trigger.state = state
    return trigger
  }

  @Test func `each state has its step`() {
    let steps: [(PollTrigger.State, TriggerStep)] = [
      (.seen, .judge), (.accepted, .make), (.intent, .search), (.building, .follow), (.ended, .answer), (.reported, .rest),
    ]
    for (state, step) in steps { #expect(TriggerStep.next(trigger(state), now: at(1)) == step) }
    #expect(steps.map(\.0) == PollTrigger.State.allCases)
  }

  @Test func `a doubt is looked into at once, after a minute and after two`() {
    var intent = trigger(.intent)
    intent.doubted = at(100)
    for (searches, now, step) in [(0, 100.0, TriggerStep.search), (1, 159, .rest), (1, 160, .search), (2, 219, .rest), (2, 220, .search)] {
      intent.searches = searches
      #expect(TriggerStep.next(intent, now: at(now)) == step, "\(searches) \(now)")
    }
    // A clock that went back must not make it wait for ever.
    #expect(TriggerStep.next(intent, now: at(-5000)) == .search)
    var seen = trigger(.seen)
    seen.next = at(30)
    #expect(TriggerStep.next(seen, now: at(29)) == .rest && TriggerStep.next(seen, now: at(30)) == .judge)
    #expect(TriggerStep.next(seen, now: at(-9999)) == .judge)
  }

  @Test func `the newest build of a key is the one, and pages are read back to the asking`() {
    let build = { (number: Int, key: String, created: Double) in
      DroneBuild(number: number, status: .pending, params: ["CCCI_TRIGGER": key], created: at(created))
    }
    #expect(BuildSearch.find("k", among: [build(9, "x", 0), build(8, "k", 0), build(7, "k", 0)])?.number == 8)
    #expect(BuildSearch.find("k", among: []) == nil)
    let page = (0..<100).map { build(200 - $0, "x", Double(-$0)) }
    #expect(BuildSearch.goesOn(page, asked: at(0)) && !BuildSearch.goesOn(page, asked: at(2000)))
    #expect(!BuildSearch.goesOn([build(1, "x", 0)], asked: at(-5000)) && !BuildSearch.goesOn([], asked: at(0)))
    #expect(BuildSearch.outcome(nil, searches: 2) == .unsure && BuildSearch.outcome(nil, searches: 3) == .none)
    #expect(BuildSearch.outcome(build(5, "k", 0), searches: 1) == .found(5))
  }
}

@Suite struct CommitMarkTests {
  @Test func `only a full cold run may gate`() {
    #expect(CommitMark.context(PollOrder(.testme)) == "cc-ci/testme")
    #expect(CommitMark.context(PollOrder(.testme, extra: true)) == "cc-ci/testme")
    #expect(CommitMark.context(PollOrder(.testme, quick: true)) == "cc-ci/quick")
    #expect(CommitMark.context(PollOrder(.testme, tiers: [.install])) == "cc-ci/partial")
    #expect(CommitMark.context(PollOrder(.testme, quick: true, tiers: [.install])) == "cc-ci/quick")
  }

  @Test func `a verdict that does not fit what was asked is no success`() {
    let orders = [PollOrder(.testme), PollOrder(.testme, quick: true), PollOrder(.testme, tiers: [.install])]
    let wins: [Verdict] = [.green, .quickGreen, .partial]
    for (order, win) in zip(orders, wins) {
      for verdict in Verdict.allCases {
        var results = Records.bare
        results.verdict = verdict
        let state: GiteaStatus.State = verdict == win ? .success : verdict == .red ? .failure : .error
        #expect(CommitMark.state(order, results) == state, "\(order.flags) \(verdict)")
      }
      #expect(CommitMark.state(order, nil) == .error)
    }
  }
}

@Suite struct EnrolmentTests {
  private func enrolment(_ repositories: [String]) throws(Failure) -> Enrolment {
    var settings = Settings.ForgeSettings()
    settings.repositories = repositories
    return try Enrolment(settings)
  }

  @Test(arguments: [
    [], [""], ["notes"], ["recipes/notes/x"], ["recipes/"], ["/notes"], ["recipes/no tes"], ["../notes"], ["recipes/.."], ["recipes/Notes"],
    ["recipes/notes", "Recipes/notes"], ["triggers/12"], ["recipes/poll"], ["recipes/notes?x"], ["recipes/notes#1"], ["recipes/é"],
  ])
  func `a list that is empty or names what is no repository is refused`(repositories: [String]) {
    let failure = #expect(throws: Failure.self) { try enrolment(repositories) }
    #expect(failure?.code == .config && failure?.hint.isEmpty == false)
  }

  @Test func `what is looked at and what has tests are compared`() throws {
    let found = try enrolment(["recipes/notes", "recipes/wiki"])
    #expect(found.entry("RECIPES/Notes")?.recipe.text == "notes" && found.entry("recipes/other") == nil)
    #expect(found.differences(from: ["notes", "mail"]).map { $0.prefix(5) } == ["wiki:", "mail:"])
    #expect(found.differences(from: ["notes", "wiki"]).isEmpty && found.differences(from: nil).count == 1)
  }

  @Test func `each repository has its second of the day`() {
    let slots = (0..<2880).map { CommentReader.isSlot(of: "recipes/notes", between: at(Double($0) * 30), and: at(Double($0 + 1) * 30)) }
    #expect(slots.count { $0 } == 1)
    #expect(CommentReader.isSlot(of: "a/b", between: at(0), and: at(90_000)) && CommentReader.isSlot(of: "a/b", between: at(9), and: at(0)))
  }
}

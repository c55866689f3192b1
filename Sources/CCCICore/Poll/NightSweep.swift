import FoundationEssentials

/// The night's sweep: every enrolled recipe is tested cold at its newest version, one after the other.
struct NightSweep: Sendable {
  let desk: PollDesk
  let git: Git
  /// After this no build is asked for; nil for no end.
  let until: Date?
  let onlyNewer: Bool
  let says: @Sendable (String) -> Void

  struct Row: Sendable, Equatable, Encodable {
    var recipe: String
    /// `build 42`, `skipped`, `put off`, `failed`.
    var decision: String
    var because: String
    /// Drone's word for how the build ended.
    var ended: String?
  }

  /// What of one recipe cannot be told keeps no other from its build.
  ///
  /// - Parameter done: called with each row as soon as it is known.
  func run(_ done: (Row) throws(Failure) -> Void) async throws(Failure) -> [Row] {
    var rows: [Row] = []
    for recipe in SweepChoice.order(desk.enrolment.entries.map(\.recipe), try desk.shelf.sweepMemory()) {
      var row: Row
      do throws(Failure) { row = try await sweep(recipe) } catch {
        if error == .cancelled { throw error }
        row = Row(recipe: recipe.text, decision: "failed", because: "\(error.sentence); \(error.hint)")
      }
      try done(row)
      rows.append(row)
    }
    return rows
  }

  private var isOver: Bool { until.map { desk.now >= $0 } ?? false }

  private func sweep(_ recipe: RecipeName) async throws(Failure) -> Row {
    let late = Row(recipe: recipe.text, decision: "put off", because: "the night is over: it is the first of the next")
    guard !isOver else { return late }
    let tested = try desk.shelf.sweepMemory().recipes[recipe.text].flatMap { RecipeVersion($0.version) }
    let newest = try await git.releases(at: desk.settings.forge.upstream(of: recipe)).map(\.version).max()
    switch SweepChoice.of(newest: newest, tested: tested, onlyNewer: onlyNewer) {
    case .skip(let why): return Row(recipe: recipe.text, decision: "skipped", because: why)
    case .build(let version):
      guard try await becomesFree() else { return late }
      let (number, isNew) = try await build(recipe, version)
      var memory = try desk.shelf.sweepMemory()
      memory.recipes[recipe.text] = SweepMemory.Build(ts: desk.now, version: version.text, build: number)
      try desk.shelf.write(memory)
      says("\(recipe) \(version): build \(number)\(isNew ? "" : ", as before")")
      let ended = try await end(of: number)
      return Row(
        recipe: recipe.text, decision: "build \(number)",
        because: tested.map { $0 < version ? "\(version) is newer than \($0)" : "\(version) again" } ?? "\(version) for the first time",
        ended: ended)
    }
  }

  /// Waits until a build would begin at once. False when the night ends first.
  private func becomesFree() async throws(Failure) -> Bool {
    var hasSaid = false
    while !isOver {
      let builds = try await answered { () async throws(Failure) in try await desk.drone.builds(desk.repository, page: 1) }
      let rows = try await desk.drone.incomplete() ?? BuildFollowing.rows(builds, desk.repository)
      if SweepChoice.isFree(rows, capacity: desk.settings.run.capacity, now: builds.first?.observed ?? desk.now) { return true }
      if !hasSaid { says("\(rows.count) builds wait or run: after them") }
      hasSaid = true
      try await desk.host.sleep(desk.settings.drone.poll)
    }
    return false
  }

  /// Without a commit: the newest published version is tested, and may be promoted.
  private func build(_ recipe: RecipeName, _ version: RecipeVersion) async throws(Failure) -> (number: Int, isNew: Bool) {
    let key = SweepChoice.key(recipe, version, day: String(desk.now.formatted(.iso8601).prefix(10)))
    let known = try await desk.drone.builds(desk.repository, page: 1)
    if let found = BuildSearch.find(key, among: known) { return (found.number, false) }
    let creation = try await desk.drone.create(
      desk.repository, branch: desk.settings.drone.branch, params: [("RECIPE", recipe.text), ("CCCI_TRIGGER", key)])
    switch creation {
    case .made(let build): return (build.number, true)
    case .impossible(let why): throw Failure(.unavailable, "Drone makes no build", why: why, next: "look at [drone] repository and branch")
    // Whether there is one, the next sweep of the day sees before it asks for another; and `ccci-run` lets the key through once.
    case .refused(let failure), .unclear(let failure): throw failure
    }
  }

  /// Drone's word for its end; one that stays is left alone after twice Drone's own limit.
  private func end(of number: Int) async throws(Failure) -> String {
    let limit = desk.now.addingTimeInterval(2 * desk.settings.drone.timeout.seconds)
    while desk.now < limit {
      let build = try await answered { () async throws(Failure) in try await desk.drone.build(desk.repository, number) }
      guard let build else { return "gone" }
      if build.status.isOver { return build.status.word }
      try await desk.host.sleep(desk.settings.drone.poll)
    }
    return "not over"
  }

  /// A Drone that is away is waited for: the night is long.
  private func answered<Value>(_ ask: () async throws(Failure) -> Value) async throws(Failure) -> Value {
    let end = desk.now.addingTimeInterval(desk.settings.drone.timeout.seconds)
    var hasSaid = false
    while true {
      do throws(Failure) { return try await ask() } catch {
        guard error.code == .unavailable, desk.now < end, !isOver else { throw error }
        if !hasSaid { says("\(error.sentence): waiting") }
        hasSaid = true
        try await desk.host.sleep(desk.settings.drone.poll)
      }
    }
  }
}

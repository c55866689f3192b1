import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct SweepTests {
  private static let newest = RecipeVersion("1.2.0+1.27.2")!
  private static let older = RecipeVersion("1.1.0+1.27.1")!

  @Test func `every published version is tested again each night, unless only newer ones are wanted`() throws {
    #expect(SweepChoice.of(newest: Self.newest, tested: nil, onlyNewer: false) == .build(Self.newest))
    #expect(SweepChoice.of(newest: Self.newest, tested: Self.newest, onlyNewer: false) == .build(Self.newest))
    #expect(SweepChoice.of(newest: Self.newest, tested: nil, onlyNewer: true) == .build(Self.newest))
    #expect(SweepChoice.of(newest: Self.newest, tested: Self.older, onlyNewer: true) == .build(Self.newest))
    for skipped in [
      SweepChoice.of(newest: nil, tested: nil, onlyNewer: false), .of(newest: Self.newest, tested: Self.newest, onlyNewer: true),
      .of(newest: Self.older, tested: Self.newest, onlyNewer: true),
    ] {
      guard case .skip(let why) = skipped else {
        Issue.record("\(skipped)")
        continue
      }
      #expect(!why.isEmpty)
    }
    let key = SweepChoice.key(try RecipeName("notes"), Self.newest, day: "2026-03-01")
    #expect(key == "sweep/notes@1.2.0+1.27.2@2026-03-01" && key.utf8.allSatisfy { $0 > 32 && $0 < 127 })
  }

  @Test func `whoever was tested longest ago comes first`() throws {
    var memory = SweepMemory()
    for (name, seconds) in [("b", 30.0), ("c", 10), ("d", 20)] {
      memory.recipes[name] = SweepMemory.Build(ts: Date(timeIntervalSince1970: seconds), version: "1.0.0+1", build: 1)
    }
    let recipes = try ["b", "d", "z", "c", "a"].map { (name) throws(Failure) in try RecipeName(name) }
    #expect(SweepChoice.order(recipes, memory).map(\.text) == ["a", "z", "c", "d", "b"])
  }

  @Test func `a build that would have to wait is not asked for`() {
    let now = Date(timeIntervalSince1970: 1000)
    let running = DroneQueued(slug: "a/b", build: 1, status: .running, started: 900, created: 900)
    let waiting = DroneQueued(slug: "a/b", build: 2, status: .pending, created: 990)
    // Taken by a runner that is gone: it will never begin, and must not stop the night.
    let wedged = DroneQueued(slug: "a/b", build: 3, status: .pending, machine: "m", created: 900)
    #expect(SweepChoice.isFree([], capacity: 1, now: now))
    #expect(!SweepChoice.isFree([running], capacity: 1, now: now) && SweepChoice.isFree([running], capacity: 2, now: now))
    #expect(!SweepChoice.isFree([waiting], capacity: 2, now: now) && SweepChoice.isFree([wedged], capacity: 1, now: now))
  }

  @Test(arguments: ["00:00", "06:00", "23:59", "2:30"])
  func `a time of the day comes next within a day`(text: String) throws {
    let time = try #require(DayTime(text))
    for offset in stride(from: 0.0, to: 400 * 86_400, by: 86_400 / 2 + 61) {
      let start = Date(timeIntervalSince1970: 1_790_000_000 + offset)
      let next = time.next(after: start)
      #expect(next > start && next.timeIntervalSince(start) <= 25 * 3600)
      #expect(time.next(after: next.addingTimeInterval(-1)) == next)
    }
    for bad in ["", "24:00", "6", "06:60", "6:0:0", "-1:00", "+6:00", "6:", ":6", "06:000"] { #expect(DayTime(bad) == nil) }
    #expect(DayTime("6:5")?.description == "06:05")
  }

  /// A night: while the sweep sleeps, the runner works.
  fileprivate struct Night {
    let world: PollWorld
    let host: Host

    init(_ repositories: [String], capacity: Int = 1) throws {
      var world = try PollWorld(repositories: repositories)
      world.settings.run.capacity = capacity
      var host = world.forge.host
      host.run = { command throws(Failure) in
        // One recipe that nobody can be asked about, and one without a release.
        let url = command.arguments.last ?? ""
        guard !url.contains("gone") else { return CommandResult(status: .exited(128)) }
        let tags = ["1.1.0+1.27.1", "1.2.0+1.27.2"].map { tag in
          let isLight = url.contains("light") && tag == "1.2.0+1.27.2"
          return "\(Records.sha)\trefs/tags/\(tag)\n" + (isLight ? "" : "\(Records.sha)\trefs/tags/\(tag)^{}\n")
        }.joined()
        return CommandResult(status: .exited(0), output: Array((url.contains("empty") ? "" : tags).utf8))
      }
      host.sleep = { [world] duration throws(Failure) in
        world.forge.pass(duration.seconds)
        try world.runner()
      }
      self.world = world
      self.host = host
    }

    func sweep(until: Date? = nil, onlyNewer: Bool = false) async throws -> [NightSweep.Row] {
      let git = Git(programs: Programs(host: host, environment: [:]), authorities: nil, credential: nil)
      return try await NightSweep(desk: try world.pass(host).desk(), git: git, until: until, onlyNewer: onlyNewer, says: { _ in }).run {
        _ in
      }
    }

    var builds: [FakeForge.Build] { world.forge.state.withLock { $0.builds } }
  }

  @Test func `each recipe has one build after the other, and one that cannot be asked about keeps no other from its own`() async throws {
    let night = try Night(["recipes/notes", "recipes/gone", "recipes/empty", "recipes/wiki"])
    let rows = try await night.sweep()
    #expect(rows.map(\.recipe) == ["empty", "gone", "notes", "wiki"])
    #expect(rows.map(\.decision) == ["skipped", "failed", "build 41", "build 42"])
    #expect(rows.map(\.ended) == [nil, nil, "success", "success"])
    let builds = night.builds
    #expect(builds.map { $0.params["RECIPE"] } == ["notes", "wiki"] && Set(builds[0].params.keys) == ["RECIPE", "CCCI_TRIGGER"])
    #expect(try #require(builds[0].finished) <= #require(builds[1].started))
    // The same day again: no second build of a version.
    #expect(try await night.sweep().map(\.decision) == ["skipped", "failed", "build 41", "build 42"])
    #expect(night.builds.count == 2)
    // The next day all again; or only what is newer.
    night.world.forge.pass(86_400)
    #expect(try await night.sweep(onlyNewer: true).map(\.decision) == ["skipped", "failed", "skipped", "skipped"])
    #expect(try await night.sweep().map(\.decision) == ["skipped", "failed", "build 43", "build 44"])
  }

  @Test func `the newest version is swept also when its tag is lightweight, since that is what a run tests`() async throws {
    let night = try Night(["recipes/light"])
    #expect(try await night.sweep().map(\.because) == ["1.2.0+1.27.2 for the first time"])
    #expect(night.builds.map { $0.params["CCCI_TRIGGER"]?.contains("light@1.2.0+1.27.2@") } == [true])
  }

  @Test func `a night that is too short leaves out others than the night before`() async throws {
    let night = try Night(["recipes/a", "recipes/b", "recipes/c"])
    let first = try await night.sweep(until: night.world.forge.localNow.addingTimeInterval(100))
    #expect(first.map(\.recipe) == ["a", "b", "c"] && first.map(\.decision).last == "put off" && first[0].decision.hasPrefix("build"))
    let tested = first.filter { $0.decision.hasPrefix("build") }.map(\.recipe)
    night.world.forge.pass(86_400)
    let second = try await night.sweep(until: night.world.forge.localNow.addingTimeInterval(100))
    #expect(second.first.map { !tested.contains($0.recipe) && $0.decision.hasPrefix("build") } == true, "\(second)")
  }

  @Test(arguments: [1, 2])
  func `nobody comes to wait behind the night`(capacity: Int) async throws {
    let night = try Night(["recipes/notes"], capacity: capacity)
    night.world.forge.open("recipes/notes", 12, sha: PollWorld.sha(1))
    try await night.world.run()
    night.world.forge.pass(200)
    night.world.forge.comment("recipes/notes", 12, "!testme")
    try await night.world.run()
    #expect(night.builds.map(\.status) == ["pending"])
    #expect(try await night.sweep().map(\.decision) == ["build 42"])
    let person = night.builds[0]
    let created = night.builds[1].created
    #expect(try capacity == 1 ? created >= #require(person.finished) : created >= #require(person.started))
  }

  @Test func `a Drone that is away for a while is waited for`() async throws {
    var night = try Night(["recipes/notes"])
    let forge = night.world.forge
    let away = forge.localNow.addingTimeInterval(1200)
    let send = night.host.send
    var host = night.host
    host.send = { request throws(HTTPError) in
      if forge.localNow < away, request.url.hasPrefix(FakeForge.drone) { throw HTTPError(.connect, "connection refused") }
      return try await send(request)
    }
    night = Night(night, host)
    #expect(try await night.sweep().map(\.decision) == ["build 41"])
    #expect(forge.localNow > away)
  }
}

extension SweepTests.Night {
  fileprivate init(_ night: Self, _ host: Host) {
    world = night.world
    self.host = host
  }
}

import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// The canonical of `notes` has one name in the zone: its stories come one after the other.
@Suite("Warm data", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .serialized, .timeLimit(.minutes(15)))
struct WarmTests {
  private static let domain = "warm-notes.ci.localhost"

  @Test(
    "cold, promoted, quick: the known-good is consumed and never moved, by a green, a red and a killed run, and a killed promotion costs nothing"
  )
  func story() async throws {
    let place = World.Installation.own("warm")
    let tests = try Self.tests()
    let environment = place.environment.merging(["CCCI_HOST_TESTS": tests]) { $1 }
    defer { _ = try? Files.removeTree(tests) }
    try await World.forget("warm-notes")

    // Nothing known-good yet.
    let head = try await World.pullRequest("notes", 1).dropLast(2) + ["--tests", tests]
    let early = try await World.run(head + ["--quick"], with: environment)
    #expect(early.status == 66 && early.message.first?.contains("no canonical: run cold first") == true, "\(early)")

    // What may not move it.
    let cold = try await World.run(["notes", "--tests", tests, "--run-id", "cold"], with: environment)
    #expect(cold.status == 0, "\(cold)")
    let asked = try await World.run(head + ["--run-id", "asked", "--tiers", "install"], with: environment)
    #expect(asked.status == 0, "\(asked)")
    for (id, words) in [("asked", "the run was partial"), ("nobody", "no such record")] {
      let refused = try await World.run(["promote", id], command: "ccci-snap", with: environment)
      #expect(refused.status == (id == "nobody" ? 66 : 0) && (refused.output + refused.error).contains(words), "\(refused)")
    }
    #expect(try place.canonical() == nil)

    // Half of a restore is no obstacle: the volumes are made from nothing.
    try Files.createDirectory(place.warm.path)
    let mark = RestoreMark(snapshot: "000000000000", volumes: [], started: Date())
    try Files.write(JSONCoding.encode(mark), to: place.warm.restoreMark)
    let promoted = try await World.run(["promote", "cold"], command: "ccci-snap", with: environment)
    #expect(promoted.status == 0 && promoted.output.contains("promoted  1.0.0+1.2.0, of run cold"), "\(promoted)")
    #expect(try place.canonical()?.status == .idle && place.canonical()?.version == "1.0.0+1.2.0")
    #expect(try place.warm.readRestoreMark() == nil)
    let good = try place.knownGood()
    #expect(good.count >= 3)

    // A green one.
    let green = try await World.run(head + ["--quick", "--run-id", "green"], with: environment)
    #expect(green.status == 0, "\(green)")
    let results = try World.results("green", of: place)
    #expect(results.verdict == .quickGreen && results.mode == .quick && results.deploys == Results.Deploys(count: 1, expected: 1))
    #expect(results.base.because == "the canonical's known-good")
    #expect(try place.knownGood() == good && place.canonical()?.status == .idle)
    let quick = try await World.run(["promote", "green"], command: "ccci-snap", with: environment)
    #expect(quick.status == 0 && quick.output.contains("a quick run moves nothing"), "\(quick)")

    // A red one, whose data is thrown away.
    let broken = try await World.ownPullRequest("notes", tests: tests, files: ["compose.yml": try await Self.brokenCompose()])
    let red = try await World.run(broken + ["--quick", "--run-id", "red"], with: environment)
    #expect(red.status == 1, "\(red)")
    #expect(try place.knownGood() == good && place.canonical()?.status == .idle)

    // One that is killed with its guard, in its upgrade.
    async let ending = World.run(head + ["--quick", "--run-id", "killed"], with: environment, atOnce: true)
    let record = try await World.record("killed", of: place, when: "in its upgrade") { $0.phase == "upgrade" }
    for process in try await World.guards(of: "killed") + [record.pid] { kill(process, SIGKILL) }
    _ = try await ending
    #expect(record.canonical == Self.domain && record.apps.isEmpty)
    #expect(try place.canonical()?.status == .dirty)
    let pass = try await World.run([], command: "ccci-janitor", with: environment)
    #expect(pass.status == 0 && pass.output.contains("at rest  canonical \(Self.domain)"), "\(pass)")
    let left = try await World.traces(of: Self.domain)
    #expect(!left.contains { $0.hasPrefix("service") || $0.hasPrefix("container") } && left.contains { $0.hasPrefix("volume") }, "\(left)")
    #expect(try place.knownGood() == good)

    // A promotion that is killed; its guard cleans up.
    let again = try await World.run(["notes", "--tests", tests, "--run-id", "cold2"], with: environment)
    #expect(again.status == 0, "\(again)")
    async let promotion = World.run(["promote", "cold2"], command: "ccci-snap", with: environment)
    let promoting = try await place.promotion { $0.phase == "deploy" }
    kill(promoting.pid, SIGKILL)
    _ = try await promotion
    _ = try await World.record(promoting.runID, of: place, when: "closed", within: 60) { $0.finished != nil }
    #expect(try place.knownGood() == good && place.canonical()?.status == .dirty)
    let alerts = try await World.run(["list"], command: "ccci-alerts", with: environment)
    #expect(alerts.output.contains("promote-failed"), "\(alerts)")

    // The next quick run repairs what both left.
    let repaired = try await World.run(head + ["--quick", "--run-id", "repaired"], with: environment)
    #expect(repaired.status == 0 && repaired.error.contains("rebuilding the volumes from the known-good"), "\(repaired)")
    #expect(try place.knownGood() == good && place.canonical()?.status == .idle)
    let sound = try await World.run(["verify"], command: "ccci-snap", with: environment)
    #expect(sound.status == 0 && sound.output.contains("sound  notes"), "\(sound)")

    // Warmed no longer: noticed, left for a week, then gone.
    let settings = "\(tests)/notes/recipe.toml"
    let text = String(decoding: try Files.read(settings), as: UTF8.self)
    try Files.write(Array(text.replacing("warm_canonical = true", with: "").utf8), to: settings)
    let dry = try await World.run(["--dry-run"], command: "ccci-janitor", with: environment)
    #expect(dry.output.contains("noticed  canonical \(Self.domain)"), "\(dry)")
    #expect(try place.canonical()?.unwarmed == nil)
    for words in ["noticed  canonical \(Self.domain)", "kept  canonical \(Self.domain)"] {
      let janitor = try await World.run([], command: "ccci-janitor", with: environment)
      #expect(janitor.status == 0 && janitor.output.contains(words), "\(janitor)")
    }
    #expect(try await World.run(["list"], command: "ccci-alerts", with: environment).output.contains("retirement"))
    #expect(try place.knownGood() == good)
    var canonical = try #require(try place.canonical())
    canonical.unwarmed = Date(timeIntervalSinceNow: -8 * 86_400)
    try place.warm.write(canonical)
    let retired = try await World.run([], command: "ccci-janitor", with: environment)
    #expect(retired.status == 0 && retired.output.contains("removed  canonical \(Self.domain)"), "\(retired)")
    #expect(try await World.traces(of: Self.domain).isEmpty && Files.status(place.warm.path) == nil)
    try await World.forget("warm-notes")
  }

  @Test("--or-cold runs cold where there is nothing known-good, and says so")
  func orCold() async throws {
    let place = World.Installation.own("or-cold")
    let id = World.unique("or-cold")
    let target = try await World.ownPullRequest("custom-html")
    let run = try await World.run(target + ["--quick", "--or-cold", "--run-id", id], with: place.environment)
    #expect(run.status == 0 && run.error.contains("no canonical: running cold"), "\(run)")
    #expect(try World.results(id, of: place).mode == .cold)
  }

  private static func tests() throws -> String {
    let tests = "\(World.folder)/\(World.unique("warm"))-tests"
    try Files.createDirectory(tests)
    for folder in ["ccci_test", "notes"] { try Files.copyTree("\(World.root)/tests/\(folder)", to: "\(tests)/\(folder)") }
    try Files.write(Files.read("\(World.root)/tests/conftest.py"), to: "\(tests)/conftest.py")
    let settings = "warm_canonical = true\ndeploy_timeout = \"60s\"\nhttp_timeout = \"20s\"\n[crash_loop]\nfailures = 3\nafter = \"10s\"\n"
    try Files.write(Array(settings.utf8), to: "\(tests)/notes/recipe.toml")
    return tests
  }

  /// The newest release, whose app stops at once.
  private static func brokenCompose() async throws -> String {
    let text = try await World.shell("git", ["-C", "\(World.folder)/git/coop-cloud/notes.git", "show", "main:compose.yml"])
    return text.replacing("command: [\"python3\", \"-S\", \"/app/notes.py\"]", with: "command: [\"sh\", \"-c\", \"exit 3\"]")
  }
}

extension World {
  /// The tests leave no canonical: its volumes, secrets and `.env` go.
  static func forget(_ label: String) async throws {
    let domain = "\(label).ci.localhost"
    let engine = Engine(host: host, socket: "/var/run/docker.sock")
    let env = "\(folder)/abra-home/servers/default/\(domain).env"
    let report = await Teardown(host: host, engine: engine, abra: nil, env: env, domain: AppDomain(domain)).remove()
    #expect(report.isClean, "\(report)")
  }
}

extension World.Installation {
  fileprivate var warm: ShelfFolder { ShelfFolder(shelf: "\(folder)/shelf", name: "notes") }

  fileprivate func canonical() throws -> Canonical? { try warm.readCanonical() }

  /// Every file of the known-good with its SHA-256.
  fileprivate func knownGood() throws -> [String: String] {
    var found: [String: String] = [:]
    var places = [warm.snapshot]
    while let place = places.popLast() {
      for name in try Files.list(place) {
        let path = "\(place)/\(name)"
        if try Files.status(path)?.kind == .directory { places.append(path) } else { found[path] = SHA256.hex(try Files.read(path)) }
      }
    }
    return found
  }

  /// The record of the promotion that is under way.
  fileprivate func promotion(_ isSo: (RunRecord) -> Bool) async throws -> RunRecord {
    for _ in 0..<6000 {
      if let record = try RunRecords(runs: runs).open().last(where: { $0.mode == .promote }), isSo(record) { return record }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Failure(.timedOut, "no promotion seen")
  }
}

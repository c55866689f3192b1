import CCCICore
import Glibc
import Testing

/// What shared apps must survive. `shared-keycloak` moves its data forward with its version, and an older one refuses newer data.
@Suite("Shared apps", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .serialized, .timeLimit(.minutes(15)))
struct ReconcileTests {
  private static let stateful = "env = { TIMEOUT = \"60\" }\nhealth = \"/realms/master/.well-known/openid-configuration\"\n"

  private static func keycloak(stateful: Bool = true) throws -> SharedPlace {
    let shared = SharedPlace("shared-keycloak", Self.stateful)
    try shared.settle(settings(shared, stateful: stateful))
    return shared
  }

  private static func settings(_ shared: SharedPlace, stateful: Bool = true, secret version: String = "v1") -> [String: String] {
    [
      "stateful": "\(stateful)", "secrets": "[{ name = \"admin_password\", file = \"\(shared.secret)\", version = \"\(version)\" }]",
    ]
  }

  @Test(
    "from nothing to the newest: committed when healthy, back with its data when broken and never tried again, held when notes or a major say so"
  )
  func story() async throws {
    let shared = try Self.keycloak()
    try await shared.publish("1.0.0+26.0.0")

    let dry = try await shared.reconcile("--check")
    #expect(dry.status == 0 && dry.output.contains("not deployed: would deploy 1.0.0+26.0.0"), "\(dry)")
    #expect(try await shared.services().isEmpty && Files.status(shared.folder.path) == nil)
    let started = try await shared.reconcile()
    #expect(started.status == 0 && started.output.contains("started  \(shared.name)  1.0.0+26.0.0"), "\(started)")
    try await shared.create(realm: "kept")
    let current = try await shared.reconcile()
    #expect(current.status == 0 && current.output.hasPrefix("current"), "\(current)")
    #expect(try shared.deploys() == 1 && shared.data().realms == ["kept", "master"])

    // A healthy newer one, whose notes say that no manual migration is needed.
    try await shared.publish("1.1.0+26.1.0")
    let wouldApply = try await shared.reconcile("--check", "--json")
    #expect(
      wouldApply.output.contains("\"decision\":\"apply\"") && wouldApply.output.contains("\"running\":\"1.0.0+26.0.0\""), "\(wouldApply)")
    #expect(try shared.deploys() == 1)
    let applied = try await shared.reconcile()
    #expect(applied.status == 0 && applied.output.hasPrefix("applied"), "\(applied)")
    #expect(try await shared.running() == "1.1.0+26.1.0")
    #expect(try shared.data() == (2, ["kept", "master"]) && shared.folder.readLastGood()?.text == "1.1.0+26.1.0")
    #expect(try shared.reasons() == [])

    // A broken one, which moves the data forward before it ends.
    try await shared.publish("1.2.0+26.2.0")
    let back = try await shared.reconcile()
    #expect(back.status == 0 && back.output.hasPrefix("rolled-back"), "\(back)")
    #expect(try await shared.running() == "1.1.0+26.1.0")
    #expect(try shared.data() == (2, ["kept", "master"]) && shared.folder.readLastGood()?.text == "1.1.0+26.1.0")
    #expect(try shared.reasons() == [.rollback])
    let alert = try #require(try shared.alerts.waiting().first?.alert)
    #expect(alert.details == ["attempted": "1.2.0+26.2.0", "last_good": "1.1.0+26.1.0", "recovered": "true"])
    let deploys = try shared.deploys()
    let next = try await shared.reconcile("--json")
    #expect(next.status == 0 && next.output.contains("\"decision\":\"hold-rejected\""), "\(next)")
    #expect(try shared.deploys() == deploys && shared.reasons() == [.rollback])

    // One whose notes ask for a person, and a major one.
    try await shared.publish("1.3.0+26.3.0")
    let noted = try await shared.reconcile()
    #expect(noted.status == 0 && noted.output.hasPrefix("held"), "\(noted)")
    #expect(try shared.reasons() == [.rollback, .heldManualMigration])
    #expect(try shared.alerts.waiting().last?.alert.releaseNotes?.contains("export the realms before you upgrade") == true)
    try await shared.publish("2.0.0+27.0.0")
    for _ in 0..<2 {
      let major = try await shared.reconcile()
      #expect(major.status == 0 && major.output.contains("2.0.0+27.0.0 is a major version"), "\(major)")
    }
    #expect(try shared.reasons() == [.rollback, .heldManualMigration, .heldMajor])
    for entry in try shared.alerts.waiting() { _ = try shared.alerts.acknowledge(entry.id) }
    _ = try await shared.reconcile()
    #expect(try shared.reasons() == [] && shared.deploys() == deploys, "a hold is told once")
    try await shared.forget()
  }

  @Test("without its data a roll-back fails, says so by an alert and exit 1, and is tried again by the next pass")
  func versionOnly() async throws {
    let shared = try Self.keycloak(stateful: false)
    try await shared.publish("1.1.0+26.1.0")
    #expect(try await shared.reconcile().status == 0)
    try await shared.publish("1.2.0+26.2.0")
    let failed = try await shared.reconcile()
    #expect(failed.status == 1 && failed.output.hasPrefix("rollback-failed"), "\(failed)")
    #expect(try shared.reasons() == [.rollbackFailed])
    #expect(try shared.folder.readReconcileState()?.step == .recovering && shared.data().format == 3)
    let again = try await shared.reconcile()
    #expect(again.status == 1, "\(again)")
    #expect(try shared.reasons() == [.rollbackFailed])
    try await shared.forget()
  }

  @Test("what somebody brought up by hand after a roll-back that failed is kept, with its data")
  func broughtUpByHand() async throws {
    let shared = try Self.keycloak(stateful: false)
    try await shared.publish("1.1.0+26.1.0")
    #expect(try await shared.reconcile().status == 0)
    try await shared.create(realm: "kept")
    try await shared.publish("1.2.0+26.2.0")
    #expect(try await shared.reconcile().status == 1)
    // The data is newer than last-good: only a newer version can read it.
    try await shared.publish(
      "1.2.1+26.3.0", over: "1.2.0+26.2.0",
      replacing: [("ccci/keycloak:26.2.0", "ccci/keycloak:26.3.0"), ("      - KEYCLOAK_FAULT=after-migration\n", "")])
    try await shared.deployByHand("1.2.1+26.3.0")
    let next = try await shared.reconcile()
    #expect(next.status == 0 && next.output.contains("1.2.1+26.3.0: was brought up by hand and is healthy"), "\(next)")
    #expect(try await shared.running() == "1.2.1+26.3.0")
    #expect(try shared.data() == (4, ["kept", "master"]))
    let state = try #require(try shared.folder.readReconcileState())
    #expect(state.step == .idle && state.rejected == ["1.2.0+26.2.0"])
    #expect(try shared.folder.readLastGood()?.text == "1.2.1+26.3.0")
    try await shared.forget()
  }

  @Test("data is not given to a version that may not have written it, and an upgrade whose data cannot be saved is not begun")
  func doubt() async throws {
    let shared = try Self.keycloak()
    try await shared.publish("1.0.0+26.0.0")
    #expect(try await shared.reconcile().status == 0)
    try await shared.publish("1.1.0+26.1.0")
    try Files.removeTree(shared.folder.lastGood)
    let full = try await shared.reconcile(with: ["CCCI_RUN_DISK_FLOOR": "1000000000000000"])
    #expect(try full.status == 74 && shared.reasons() == [.postponed], "\(full)")
    #expect(try await shared.running() == "1.0.0+26.0.0" && shared.folder.readLastGood()?.text == "1.0.0+26.0.0")
    #expect(try shared.deploys() == 1)
    for entry in try shared.alerts.waiting() { _ = try shared.alerts.acknowledge(entry.id) }

    // Down, and its .env names another version than the one that was last healthy.
    for service in try await shared.services() { try await shared.engine.removeService(service.name) }
    let env = String(decoding: try Files.read(shared.env), as: UTF8.self)
    #expect(env.contains(":1.0.0+26.0.0"))
    try Files.write(Array(env.replacing(":1.0.0+26.0.0", with: ":1.1.0+26.1.0").utf8), to: shared.env)
    for words in [[], ["--check"]] {
      let doubtful = try await shared.reconcile(words)
      #expect(
        doubtful.status == (words.isEmpty ? 1 : 0) && doubtful.output.contains("nobody can say which version wrote its data"), "\(doubtful)"
      )
    }
    #expect(try await shared.services().isEmpty && shared.deploys() == 1 && shared.reasons() == [.unhealthy])
    try Files.write(Array(env.utf8), to: shared.env)
    let started = try await shared.reconcile()
    #expect(started.status == 0 && started.output.contains("started  \(shared.name)  1.0.0+26.0.0"), "\(started)")
    try await shared.forget()
  }

  /// Many more, at random, and full disks: `scripts/bench crash`.
  @Test(
    "killed in a step, at its beginning or so many milliseconds later, the next pass repairs it",
    arguments: [
      (ReconcileState.Step.starting, 1500), (.saving, 300), (.proving, 0), (.restoring, 500), (.recovering, 1500), (.repairing, 0),
    ])
  func killed(_ step: ReconcileState.Step, after wait: Int) async throws {
    let shared = try Self.keycloak()
    try await shared.publish("1.1.0+26.1.0")
    if step != .starting {
      #expect(try await shared.reconcile().status == 0)
      try await shared.create(realm: "kept")
    }
    let isBroken = [.restoring, .recovering].contains(step)
    if isBroken {
      try await shared.publish("1.2.0+26.2.0")
    } else if step == .saving || step == .proving {
      try await shared.publish(
        "1.2.0+26.3.0", over: "1.1.0+26.1.0", replacing: [("ccci/keycloak:26.1.0", "ccci/keycloak:26.3.0")])
    } else if step == .repairing {
      let text = String(decoding: try Files.read(shared.env), as: UTF8.self)
      try Files.write(Array(text.replacing("TIMEOUT=60", with: "TIMEOUT=61").utf8), to: shared.env)
    }
    let killed = try #require(try await shared.stopped(at: step, after: wait), "the pass was never at \(step)")
    #expect(killed.status == -SIGKILL)
    let repaired = try await shared.reconcile()
    #expect(repaired.status == 0, "\(repaired)")
    let state = try #require(try shared.folder.readReconcileState())
    #expect(state.step == .idle)
    switch step {
    case .saving, .proving:
      #expect(try await shared.running() == "1.2.0+26.3.0")
      #expect(try shared.data() == (4, ["kept", "master"]))
    case .restoring, .recovering:
      #expect(try await shared.running() == "1.1.0+26.1.0")
      #expect(try shared.data() == (2, ["kept", "master"]) && state.rejected == ["1.2.0+26.2.0"])
      #expect(try shared.reasons() == [.rollback])
    case .starting, .repairing, .idle:
      #expect(try await shared.running() == "1.1.0+26.1.0")
    }
    let after = try await shared.reconcile()
    #expect(after.status == 0 && (after.output.hasPrefix("current") || after.output.hasPrefix("held")), "\(after)")
    try await shared.forget()
  }

  @Test("a signal ends the pass at once, what it began is on record, and the next pass finishes it")
  func signalled() async throws {
    let shared = try Self.keycloak()
    try await shared.publish("1.0.0+26.0.0")
    #expect(try await shared.reconcile().status == 0)
    try await shared.create(realm: "kept")
    try await shared.publish("1.1.0+26.1.0")
    let ended = try #require(try await shared.stopped(at: .proving, by: SIGTERM))
    #expect(
      ended.status == 143 && ended.message.first?.contains("stopped by signal 15: the next pass goes on from there") == true, "\(ended)")
    #expect(try shared.folder.readReconcileState()?.step == .proving && shared.reasons() == [])
    let check = try await shared.reconcile("--check")
    #expect(check.status == 0 && check.output.contains("unfinished at the step proving"), "\(check)")
    var lines = Self.settings(shared)
    lines["update"] = "\"observe\""
    try shared.settle(lines)
    let observed = try await shared.reconcile()
    #expect(observed.status == 1 && observed.output.contains("ended at the step proving, and update is observe"), "\(observed)")
    #expect(try shared.folder.readReconcileState()?.step == .proving)
    try shared.settle(Self.settings(shared))
    let finished = try await shared.reconcile()
    #expect(finished.status == 0 && finished.output.hasPrefix("applied"), "\(finished)")
    #expect(try shared.data() == (2, ["kept", "master"]))
    try await shared.forget()
  }

  @Test("drift is repaired: another .env, a service that was stopped, a rotated secret")
  func drift() async throws {
    let shared = try Self.keycloak()
    try await shared.publish("1.1.0+26.1.0", "1.3.0+26.3.0")
    var lines = Self.settings(shared)
    lines["update"] = "\"hold\""
    try shared.settle(lines)
    // Held by the settings before it was ever deployed: the newest.
    #expect(try await shared.reconcile().status == 0)
    #expect(try await shared.running() == "1.3.0+26.3.0")

    let text = String(decoding: try Files.read(shared.env), as: UTF8.self)
    try Files.write(Array(text.replacing("TIMEOUT=60", with: "TIMEOUT=61").utf8), to: shared.env)
    let env = try await shared.reconcile("--json")
    #expect(
      env.status == 0 && env.output.contains("TIMEOUT is not as in the settings") && env.output.contains("\"result\":\"repaired\""),
      "\(env)")

    // One that is only just starting, as after a boot, is waited for and left alone.
    let deploys = try shared.deploys()
    _ = try await World.shell("docker", ["service", "update", "--detach", "--force", "\(shared.domain.stack)_app"])
    let booting = try await shared.reconcile()
    #expect(booting.status == 0 && booting.output.hasPrefix("current"), "\(booting)")
    #expect(try shared.deploys() == deploys)

    _ = try await World.shell("docker", ["service", "rm", "\(shared.domain.stack)_app"])
    let gone = try await shared.reconcile()
    #expect(gone.status == 0 && gone.output.hasPrefix("started"), "\(gone)")

    try shared.settle(Self.settings(shared, secret: "v2"))
    let rotated = try await shared.reconcile("--json")
    #expect(rotated.status == 0 && rotated.output.contains("admin_password_v2 is not there"), "\(rotated)")
    #expect(try await shared.services().first?.template.text.contains("admin_password_v2") == true)

    // Only looked at.
    lines = Self.settings(shared, secret: "v2")
    lines["update"] = "\"observe\""
    try shared.settle(lines)
    _ = try await World.shell("docker", ["service", "rm", "\(shared.domain.stack)_app"])
    let observed = try await shared.reconcile()
    #expect(observed.status == 1 && observed.output.hasPrefix("unhealthy"), "\(observed)")
    #expect(try await shared.services().isEmpty && shared.reasons() == [.unhealthy])

    try shared.settle(Self.settings(shared, secret: "v3"))
    try Files.remove(shared.secret)
    let missing = try await shared.reconcile()
    #expect(missing.status == 72 && missing.message.first?.contains("\(shared.secret) is missing or empty") == true, "\(missing)")
    try await shared.forget()
  }

  @Test("a stateless app is upgraded in place, loses what its release has dropped, and comes back from a broken one")
  func stateless() async throws {
    let shared = SharedPlace("custom-html", "env = { TIMEOUT = \"60\", LETS_ENCRYPT_ENV = \"\" }\nhealth = \"/\"\n")
    try shared.settle()
    try await shared.publish("1.1.0+1.27.1")
    #expect(try await shared.reconcile().status == 0)
    #expect(try await shared.services().map(\.shortName) == ["app", "stats"])
    try await shared.publish("1.2.0+1.27.2")
    let applied = try await shared.reconcile()
    #expect(applied.status == 0 && applied.output.hasPrefix("applied"), "\(applied)")
    #expect(try await shared.services().map(\.shortName) == ["app"])
    try await shared.publish(
      "1.3.0+1.27.3", over: "1.2.0+1.27.2",
      replacing: [("    image: ccci/nginx:1.27.2", "    image: ccci/nginx:1.27.2\n    command: [\"sh\", \"-c\", \"exit 3\"]")])
    let back = try await shared.reconcile()
    #expect(back.status == 0 && back.output.hasPrefix("rolled-back"), "\(back)")
    #expect(try await shared.running() == "1.2.0+1.27.2")
    #expect(try shared.reasons() == [.rollback])
    try await shared.forget()
  }

  @Test("a run in flight is waited for, then 75 and an alert; nothing is touched")
  func inFlight() async throws {
    let shared = try Self.keycloak()
    try await shared.publish("1.0.0+26.0.0")
    try shared.settle(Self.settings(shared), wait: "2s")
    do {
      let run = try #require(try FileLock.attempt("\(shared.place.locks)/host", .shared, holder: "run t1"))
      let waited = try await shared.reconcile()
      #expect(waited.status == 75 && waited.error.contains("waiting for the host: held by runs under way"), "\(waited)")
      withExtendedLifetime(run) {}
    }
    #expect(try await shared.services().isEmpty && shared.reasons() == [.postponed])
    try await shared.forget()
  }
}

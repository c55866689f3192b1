import CCCICore
import Testing

@Suite("The host's locks")
struct HostLocksTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func locks(_ holder: String, _ heard: Locked<[String]> = Locked([])) -> HostLocks {
    HostLocks(folder: folder("lock"), host: .live(), holder: holder) { words in heard.withLock { $0.append(words) } }
  }

  private func soon(_ seconds: Double = 5) -> ContinuousClock.Instant { .now + .seconds(seconds) }

  @Test("a run holds a slot, its apps in the order of names, and shares night and host; the gate is passed")
  func run() async throws {
    let domains = ["note-bbbbbb.ci.localhost", "keyc-aaaaaa.ci.localhost"].map { AppDomain($0) }
    let run = RunLocks(locks("run a"), capacity: 2, domains: domains)
    let held = try await run.take(until: soon())
    #expect(
      held.map { String($0.path.dropFirst(folder("lock/").count)) }
        == ["slot.0", "app-keyc-aaaaaa.ci.localhost", "app-note-bbbbbb.ci.localhost", "nightly", "host"])
    #expect(run.names == ["slot", "app-keyc-aaaaaa.ci.localhost", "app-note-bbbbbb.ci.localhost", "nightly", "host"])
    #expect(held.map(\.mode) == [.exclusive, .exclusive, .exclusive, .shared, .shared])
    let other = try await RunLocks(locks("run b"), capacity: 2, domains: [AppDomain("wiki-cccccc.ci.localhost")]).take(until: soon())
    #expect(other[0].path.hasSuffix("slot.1"))
    withExtendedLifetime(held) {}
  }

  @Test("who waits says once what for and for whom, and gives up at the deadline with a failure that says it too")
  func waits() async throws {
    let held = try await RunLocks(locks("run a (notes)"), capacity: 1, domains: []).take(until: soon())
    let heard = Locked<[String]>([])
    let failure = await #expect(throws: Failure.self) {
      _ = try await RunLocks(locks("run b", heard), capacity: 1, domains: []).take(until: soon(0.4))
    }
    withExtendedLifetime(held) {}
    #expect(failure?.code == .tryAgain)
    #expect(failure?.sentence == "a slot did not become free in time: held by run a (notes)")
    #expect(heard.withLock { $0 } == ["waiting for a slot: held by run a (notes)"])
  }

  @Test("a slot that is refused leaves nothing locked behind")
  func letsGo() async throws {
    let app = AppDomain("note-bbbbbb.ci.localhost")
    let blocked = try await RunLocks(locks("run a"), capacity: 2, domains: [app]).take(until: soon())
    await #expect(throws: Failure.self) {
      _ = try await RunLocks(locks("run b"), capacity: 2, domains: [app]).take(until: soon(0.2))
    }
    let third = try await RunLocks(locks("run c"), capacity: 2, domains: []).take(until: soon(0.2))
    #expect(third[0].path.hasSuffix("slot.1"))
    withExtendedLifetime(blocked) {}
  }

  @Test("overlapping runs do not starve a reconciler: those that come later queue behind it")
  func notStarved() async throws {
    let over = Locked(false)
    let runs = Locked(0)
    let folder = folder("lock")
    let traffic = (0..<4).map { number in
      Task {
        while !over.withLock({ $0 }) {
          let locks = HostLocks(folder: folder, host: .live(), holder: "run \(number)") { _ in }
          let held = try await RunLocks(locks, capacity: 4, domains: []).take(until: .now + .seconds(20))
          runs.withLock { $0 += 1 }
          try await Task.sleep(for: .milliseconds(120 + 37 * number))
          withExtendedLifetime(held) {}
        }
      }
    }
    while runs.withLock({ $0 }) < 6 { try await Task.sleep(for: .milliseconds(5)) }
    let heard = Locked<[String]>([])
    do {
      let held = try await ReconcileLocks(locks("reconcile traefik", heard), domain: AppDomain("traefik.ci.localhost")).take(
        until: soon(10))
      let before = runs.withLock { $0 }
      try await Task.sleep(for: .milliseconds(400))
      #expect(runs.withLock { $0 } == before, "a run began while the reconciler had the host")
      withExtendedLifetime(held) {}
    }
    over.withLock { $0 = true }
    for task in traffic { try await task.value }
    #expect(heard.withLock { $0 }.allSatisfy { $0.hasPrefix("waiting for the") })
  }

  @Test("a reconciler gives up when a run stays, and lets the gate go")
  func reconcilerGivesUp() async throws {
    let run = try await RunLocks(locks("run a"), capacity: 4, domains: []).take(until: soon())
    let failure = await #expect(throws: Failure.self) {
      _ = try await ReconcileLocks(locks("reconcile traefik"), domain: AppDomain("traefik.ci.localhost")).take(until: soon(0.3))
    }
    #expect(failure?.code == .tryAgain && failure?.why == "held by runs under way")
    _ = try await RunLocks(locks("run b"), capacity: 4, domains: []).take(until: soon(1))
    withExtendedLifetime(run) {}
  }
}

import CCCICore
import Glibc
import Testing

/// How calls end that do not end by themselves, with real processes that resist.
@Suite struct CommandEndingTests {
  /// A child that ignores TERM, one in a session of its own, one forked twice, one without our environment: all marked by `nap` seconds.
  func nasty(_ nap: String, last: String = "wait") -> String {
    """
    sh -c 'trap "" TERM; sleep \(nap); :' & setsid sleep \(nap) & (sleep \(nap) & ) & env -i sleep \(nap) & \
    (setsid sh -c 'trap "" TERM; sleep \(nap); :' &); echo begun; \(last)
    """
  }

  /// A duration that no other test sleeps; short enough that a failed test leaves nothing behind for long.
  func nap() -> String { "120.\(Int.random(in: 100_000..<999_999))" }

  /// Who sleeps so long. On a thread of its own: the tests beside this one need theirs.
  func sleepers(_ nap: String) async -> [Int32] {
    await PosixThread.run {
      var found: [Int32] = []
      for name in (try? Files.list("/proc")) ?? [] {
        // A process may end while it is looked at.
        guard let process = Int32(name), let line = try? Files.readIfPresent("/proc/\(name)/cmdline") else { continue }
        if String(decoding: line, as: UTF8.self).contains("sleep\0\(nap)") { found.append(process) }
        if String(decoding: line, as: UTF8.self).contains("sleep \(nap)") { found.append(process) }
      }
      return found
    }
  }

  func command(_ script: String, limit: Duration, sweep: Bool = false, terminal: Bool = false) -> Command {
    Command("sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], terminal: terminal, limit: limit, sweep: sweep)
  }

  @Test(arguments: [false, true])
  func `a nasty family is gone after the limit, its output kept`(terminal: Bool) async throws {
    let nap = nap()
    let result = try await CommandRunner.run(command(nasty(nap), limit: .milliseconds(600), terminal: terminal))
    #expect(result.status == .timedOut)
    #expect(result.text.hasPrefix("begun"))
    #expect(result.survivors >= 2)
    #expect(await sleepers(nap) == [])
    #expect(result.seconds < 60)
  }

  @Test func `a family that obeys TERM is not kept waiting`() async throws {
    var fastest = Double.infinity
    // A busy machine is slow; it is not slow twenty times.
    for _ in 0..<20 where fastest > 1.5 {
      let result = try await CommandRunner.run(
        command("trap 'echo bye; exit 3' TERM; echo hi; sleep 30 & wait", limit: .milliseconds(300)))
      #expect(result.status == .timedOut)
      #expect(result.text == "hi\nbye\n")
      #expect(result.survivors == 0)
      fastest = min(fastest, result.seconds)
    }
    #expect(fastest < 1.5)
  }

  @Test func `a stopped program is killed after the grace`() async throws {
    let result = try await CommandRunner.run(command("kill -STOP $$", limit: .milliseconds(200)))
    #expect(result.status == .timedOut)
    #expect(result.seconds > 2 && result.seconds < 60)
  }

  @Test(arguments: [false, true])
  func `cancelling ends the family and throws cancelled`(terminal: Bool) async throws {
    let nap = nap()
    let task = Task { try await CommandRunner.run(command("setsid sleep \(nap) & sleep \(nap)", limit: .seconds(100), terminal: terminal)) }
    while await sleepers(nap).count < 2 { try await Task.sleep(for: .milliseconds(50)) }
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: Failure.cancelled) { try await task.value }
    #expect(.now - start < .seconds(60))
    #expect(await sleepers(nap) == [])
  }

  @Test func `a cancelled task starts nothing`() async throws {
    let folder = try TemporaryFolder()
    let task = Task {
      await untilCancelled()
      _ = try await CommandRunner.run(command("touch \(folder("made"))", limit: .seconds(100)))
    }
    task.cancel()
    await #expect(throws: Failure.cancelled) { try await task.value }
    #expect(try Files.status(folder("made")) == nil)
  }

  @Test(arguments: [false, true])
  func `a grandchild that keeps the output open holds up nobody`(terminal: Bool) async throws {
    let nap = nap()
    let result = try await CommandRunner.run(command("setsid sleep \(nap) & sleep 0.2; echo hi", limit: .seconds(100), terminal: terminal))
    #expect(result.ok)
    #expect(result.text.hasPrefix("hi"))
    #expect(result.seconds < 60)
    let left = await sleepers(nap)
    #expect(left.count == 1)
    for process in left { kill(process, SIGKILL) }
  }

  @Test func `a grandchild that talks for ever holds up nobody`() async throws {
    let nap = nap()
    let talker = "setsid sh -c 'while :; do echo \(nap); done' & sleep 0.2; exit 4"
    let result = try await CommandRunner.run(command(talker, limit: .seconds(100)))
    #expect(result.status == .exited(4))
    #expect(result.seconds < 60)
  }

  @Test(arguments: [false, true])
  func `a sweep kills what a normal end leaves, and counts it`(terminal: Bool) async throws {
    let nap = nap()
    // Under a terminal the kernel hangs up on the session when its leader ends: what listens is gone before the sweep.
    let result = try await CommandRunner.run(command(nasty(nap, last: "sleep 0.3"), limit: .seconds(100), sweep: true, terminal: terminal))
    #expect(result.ok)
    #expect(result.survivors >= (terminal ? 2 : 5))
    #expect(await sleepers(nap) == [])
  }

  @Test func `nothing is swept where nothing is left`() async throws {
    let result = try await CommandRunner.run(command("echo done", limit: .seconds(100), sweep: true))
    #expect(result.ok && result.survivors == 0)
  }
}

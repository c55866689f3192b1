import CCCICore
import Glibc
import Testing

@Suite struct ProcessFamilyTests {
  @Test func `everything with the cookie is killed, also in other sessions`() async throws {
    let cookie = RandomID.hex(16)
    let script = "for i in 1 2 3; do setsid sh -c 'trap \"\" TERM; sleep 30.4711; :' >/dev/null 2>&1 & done; sleep 0.3"
    let command = Command("sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin", "CCCI_COOKIE": cookie], limit: .seconds(5))
    #expect(try await CommandRunner.run(command).ok)
    #expect(ProcessFamily.members(variable: "CCCI_COOKIE", value: cookie).count == 6)
    #expect(ProcessFamily.kill(cookie: cookie) == 6)
    #expect(ProcessFamily.members(variable: "CCCI_COOKIE", value: cookie) == [])
    #expect(ProcessFamily.kill(cookie: cookie) == 0)
  }

  @Test func `a cookie is the whole value and nothing else`() async throws {
    let cookie = RandomID.hex(16)
    let environment = ["PATH": "/usr/bin:/bin", "CCCI_COOKIE": cookie + "x", "OTHER": "CCCI_COOKIE=\(cookie)"]
    let task = Task { try await CommandRunner.run(Command("sleep", ["20"], environment: environment, limit: .seconds(30))) }
    while ProcessFamily.members(variable: "CCCI_COOKIE", value: cookie + "x").isEmpty { try await Task.sleep(for: .milliseconds(10)) }
    #expect(ProcessFamily.members(variable: "CCCI_COOKIE", value: cookie) == [])
    task.cancel()
    await #expect(throws: Failure.cancelled) { try await task.value }
  }

  @Test func `a handle tells when its process has ended, and signals only it`() async throws {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let child = try Program.start("/bin/sleep", ["30"], environment: [:], standard: (null, null, null))
    let handle = try #require(ProcessHandle(child))
    #expect(!handle.hasEnded)
    #expect(await !handle.ends(within: .milliseconds(30)))
    #expect(handle.signal(SIGTERM))
    #expect(await handle.ends(within: .seconds(5)))
    #expect(waitpid(child, nil, 0) == child)
    #expect(handle.hasEnded && !handle.signal(SIGTERM))
    #expect(ProcessHandle(child) == nil)
  }

  @Test func `a program that cannot be executed is a failure, not a process`() {
    let failure = #expect(throws: Failure.self) { try Program.start("/etc/passwd", [], environment: [:], standard: (0, 1, 2)) }
    #expect(failure?.sentence == "/etc/passwd: cannot be run: permission denied")
  }
}

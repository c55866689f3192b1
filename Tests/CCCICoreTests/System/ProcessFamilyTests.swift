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
}

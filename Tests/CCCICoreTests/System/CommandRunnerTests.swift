import CCCICore
import FoundationEssentials
import Testing

@Suite struct CommandRunnerTests {
  let path = ["PATH": "/usr/bin:/bin"]

  func shell(_ script: String, limit: Duration = .seconds(10), sweep: Bool = false, input: [UInt8]? = nil) async throws(Failure)
    -> CommandResult
  {
    try await CommandRunner.run(Command("sh", ["-c", script], environment: path, input: input, limit: limit, sweep: sweep))
  }

  @Test func `an exit code, output and error come back apart`() async throws {
    let result = try await shell("echo out; echo err >&2; exit 7")
    #expect(result.status == .exited(7))
    #expect(result.text == "out\n")
    #expect(result.errorText == "err\n")
    #expect(result.survivors == 0)
  }

  @Test func `a program that dies of a signal says which`() async throws {
    #expect(try await shell("kill -11 $$").status == .signaled(11))
  }

  @Test func `only the given environment arrives, and the mark of the call`() async throws {
    let command = Command("/usr/bin/env", environment: ["A": "b c"], limit: .seconds(5))
    let lines = try await CommandRunner.run(command).text.split(separator: "\n").sorted()
    #expect(lines.first == "A=b c")
    #expect(lines.count == 2 && lines[1].hasPrefix("CCCI_CALL="))
  }

  @Test func `input is written and a program may leave it unread`() async throws {
    let million = [UInt8](repeating: 65, count: 3_000_000)
    #expect(try await shell("wc -c", input: million).text == "3000000\n")
    #expect(try await shell("exec <&-; sleep 0.1; echo on", input: million).text == "on\n")
    #expect(try await shell("true", input: million).ok)
  }

  @Test func `without input standard input is empty`() async throws {
    #expect(try await shell("cat; readlink /proc/self/fd/0").text == "/dev/null\n")
  }

  @Test func `hundred megabytes leave the last eight`() async throws {
    let result = try await shell("head -c 100000000 /dev/zero; printf the-end; printf ok >&2")
    #expect(result.output.count == CommandResult.kept)
    #expect(result.output.suffix(7) == Array("the-end".utf8)[...])
    #expect(result.errorText == "ok")
  }
}

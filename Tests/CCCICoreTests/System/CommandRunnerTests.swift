import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite struct CommandRunnerTests {
  let path = ["PATH": "/usr/bin:/bin"]

  func run(_ script: String, limit: Duration = .seconds(10), input: [UInt8]? = nil) async throws(Failure) -> CommandResult {
    try await CommandRunner.run(Command("sh", ["-c", script], environment: path, input: input, limit: limit))
  }

  @Test func `an exit code, output and error come back apart`() async throws {
    let result = try await run("echo out; echo err >&2; exit 7")
    #expect(result.status == .exited(7))
    #expect(result.text == "out\n")
    #expect(result.errorText == "err\n")
    #expect(result.survivors == 0)
  }

  @Test func `a program that dies of a signal says which`() async throws {
    #expect(try await run("kill -11 $$").status == .signaled(11))
  }

  @Test func `only the given environment arrives, and the mark of the call`() async throws {
    let command = Command("/usr/bin/env", environment: ["A": "b c"], limit: .seconds(5))
    let lines = try await CommandRunner.run(command).text.split(separator: "\n").sorted()
    #expect(lines.first == "A=b c")
    #expect(lines.count == 2 && lines[1].hasPrefix("CCCI_CALL="))
  }

  @Test func `it runs in the given directory`() async throws {
    let command = Command("pwd", environment: path, directory: "/usr/bin", limit: .seconds(5))
    #expect(try await CommandRunner.run(command).text == "/usr/bin\n")
  }

  @Test func `input is written and a program may leave it unread`() async throws {
    let million = [UInt8](repeating: 65, count: 3_000_000)
    #expect(try await run("wc -c", input: million).text == "3000000\n")
    #expect(try await run("exec <&-; sleep 0.1; echo on", input: million).text == "on\n")
    #expect(try await run("true", input: million).ok)
    #expect(try await run("sleep 9", limit: .milliseconds(100), input: million).status == .timedOut)
  }

  @Test func `without input standard input is empty`() async throws {
    #expect(try await run("cat; readlink /proc/self/fd/0").text == "/dev/null\n")
  }

  @Test func `hundred megabytes leave the last eight`() async throws {
    let result = try await run("head -c 100000000 /dev/zero; printf the-end; printf ok >&2")
    #expect(result.output.count == CommandResult.kept)
    #expect(result.output.suffix(7) == Array("the-end".utf8)[...])
    #expect(result.errorText == "ok")
  }

  @Test func `both streams may be full at once`() async throws {
    let result = try await run("for i in 1 2 3 4 5 6 7 8; do head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2; done")
    #expect(result.output.count == 2_400_000)
    #expect(result.error.count == 2_400_000)
  }

  @Test func `chunks arrive while the program runs, in their order`() async throws {
    let folder = try TemporaryFolder()
    let seen = Locked<[String]>([])
    // It goes on only when what it said has been heard.
    let script = "echo a; until test -e 1; do sleep 0.02; done; echo b >&2; until test -e 2; do sleep 0.02; done; echo c"
    let command = Command("sh", ["-c", script], environment: path, directory: folder.path, limit: .seconds(20)) { stream, chunk in
      let count = seen.withLock { seen in
        seen.append("\(stream) \(String(decoding: chunk, as: UTF8.self))")
        return seen.count
      }
      close(creat(folder("\(count)"), 0o600))
    }
    #expect(try await CommandRunner.run(command).ok)
    #expect(seen.withLock { $0 } == ["output a\n", "error b\n", "output c\n"])
  }

  @Test func `a program that closes its streams is still waited for`() async throws {
    let result = try await run("exec >&- 2>&-; sleep 0.3; exit 5")
    #expect(result.status == .exited(5))
    #expect(result.seconds >= 0.3)
  }

  @Test(arguments: ["no-such-program", "/no/such/program", "/etc/passwd", "/usr/bin"])
  func `what cannot be run is a failure of the configuration`(program: String) async throws {
    let failure = await #expect(throws: Failure.self) {
      try await CommandRunner.run(Command(program, environment: path, limit: .seconds(5)))
    }
    #expect(failure?.code == .config)
    #expect(failure?.what == "\(program): cannot be run")
    #expect(failure?.why.isEmpty == false && failure?.next.isEmpty == false)
  }

  @Test func `a file that is no program, a missing directory and a NUL are said`() async throws {
    let folder = try TemporaryFolder()
    try Files.write([0, 1, 2], to: folder("broken"), mode: 0o755)
    let broken = await #expect(throws: Failure.self) {
      try await CommandRunner.run(Command(folder("broken"), environment: path, limit: .seconds(5)))
    }
    #expect(broken?.code == .config && broken?.what == "\(folder("broken")): cannot be run")
    let lost = await #expect(throws: Failure.self) {
      try await CommandRunner.run(Command("true", environment: path, directory: folder("none"), limit: .seconds(5)))
    }
    #expect(lost?.sentence == "true: cannot be run in \(folder("none")): no such directory")
    await #expect(throws: Failure.self) { try await CommandRunner.run(Command("echo", ["a\0b"], environment: path, limit: .seconds(5))) }
  }

  @Test func `many calls at once leave no descriptor and no zombie behind`() async throws {
    _ = try await run("true")
    let before = try Files.list("/proc/self/fd").count
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<60 { group.addTask { try await run("echo \(number)").text == "\(number)\n" } }
      for try await right in group { #expect(right) }
    }
    // Other tests open files beside this one, but not for long.
    let deadline = ContinuousClock.now + .seconds(5)
    while try Files.list("/proc/self/fd").count > before + 10, .now < deadline { try await Task.sleep(for: .milliseconds(20)) }
    #expect(.now < deadline)
  }
}

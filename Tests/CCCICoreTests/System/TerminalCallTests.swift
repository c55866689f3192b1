import CCCICore
import Testing

@Suite struct TerminalCallTests {
  func run(_ script: String, limit: Duration = .seconds(10), onChunk: (@Sendable (Command.Stream, [UInt8]) -> Void)? = nil)
    async throws(Failure) -> CommandResult
  {
    try await CommandRunner.run(
      Command("sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], terminal: true, limit: limit, onChunk: onChunk))
  }

  @Test func `standard input, output and error are one controlling terminal`() async throws {
    let result = try await run("test -t 0 && test -t 1 && test -t 2 && : </dev/tty && tty >/dev/tty; exit 9")
    #expect(result.status == .exited(9))
    #expect(result.text.hasPrefix("/dev/pts/"))
  }

  @Test func `it has fifty rows and two hundred columns`() async throws {
    #expect(try await run("stty size").text == "50 200\r\n")
  }

  @Test func `output and error come together, carriage returns included`() async throws {
    let result = try await run("echo one; echo two >&2")
    #expect(result.text == "one\r\ntwo\r\n")
    #expect(result.error.isEmpty)
  }

  @Test func `signals are at their defaults and no descriptor is inherited`() async throws {
    let result = try await run("grep -E 'Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd")
    let lines = result.text.split(whereSeparator: \.isNewline)
    // 32 and 33 are glibc's own, and cannot be set back.
    let masks = lines.prefix(2).compactMap { UInt64($0.suffix(16), radix: 16) }
    #expect(masks.map { $0 & 0x7fff_ffff } == [0, 0], "\(lines)")
    // 3 is the folder that ls lists.
    #expect(lines.dropFirst(2).joined(separator: " ").split(separator: " ").map(String.init) == ["0", "1", "2", "3"])
  }

  @Test func `much output is read to its end, and the last eight megabytes kept`() async throws {
    let result = try await run("head -c 20000000 /dev/zero; echo the-end", limit: .seconds(30))
    #expect(result.ok)
    #expect(result.output.count == CommandResult.kept)
    #expect(String(decoding: result.output.suffix(9), as: UTF8.self) == "the-end\r\n")
  }

  @Test(arguments: 0..<25)
  func `nothing is lost when a program ends at once`(number: Int) async throws {
    #expect(try await run("printf 'line %s' \(number)").text == "line \(number)")
  }

  @Test func `a signal and a missing program are told apart`() async throws {
    #expect(try await run("kill -9 $$").status == .signaled(9))
    let failure = await #expect(throws: Failure.self) {
      try await CommandRunner.run(Command("no-such-program", environment: ["PATH": "/bin"], terminal: true, limit: .seconds(5)))
    }
    #expect(failure?.code == .config)
  }
}

import Testing

@testable import CCCICore

@Suite struct AbraTests {
  @Test(arguments: [
    ("snapshot 4bba301e saved", "4bba301e"), ("", nil), ("no id here", nil), ("4bba301e", nil), ("snapshot 4bba301", nil),
    ("snapshot 4BBA301E", nil),
    ("using parent snapshot 11111111\nsnapshot 22222222 saved\n", "22222222"), ("snapshot 22222222 saved (parent 11111111)", "22222222"),
    ("{\"message_type\":\"summary\",\"total_bytes_processed\":123456789,\"snapshot_id\":\"4bba301e00ff\"}", "4bba301e00ff"),
    ("{\"snapshot_id\": \"4bba301e00ff\", \"total_bytes_processed\": 123456789}", "4bba301e00ff"),
    ("{\"level\":\"INFO\",\"message\":\"backup done, snapshot 4bba301e\"}\r\n", "4bba301e"),
    ("\u{1B}[32msnapshot \u{1B}[1m4bba301e\u{1B}[0m saved", "4bba301e"),
    ("snapshot 4bba301e saved\nsnapshots kept: 3", "4bba301e"),
    ("snapshot \(String(repeating: "a", count: 64)) saved", String(repeating: "a", count: 64)),
    ("snapshot \(String(repeating: "a", count: 65)) saved", nil), ("snapshot\n4bba301e", nil),
    ("snapshot of feedface-app: deadbeef", "feedface"),
    ("snapshot defaced_1 cafebabe", "cafebabe"), ("snapshot １２３４５６７８", nil),
  ])
  func `the snapshot's id is found behind the word, where it was last said`(output: String, id: String?) {
    #expect(Abra.snapshotID(in: output) == id)
  }

  @Test(arguments: [
    ("", "FATA secret not generated: db_password\n", "secret not generated: db_password"),
    ("FATA deploy timed out\r\n", "", "deploy timed out"),
    ("FATA one\n", "FATA two\n", "one"), ("INFO x\n\u{1B}[31mFATA \u{1B}[0mred\n", "WARN y\n", "red"),
    ("last words\n\n", "WARN first\n", "last words"),
    ("", "panic: oh", "panic: oh"), ("FATA first\nFATA second\nmore", "", "second"),
    ("not FATA here", "", "not FATA here"),
  ])
  func `the reason of a refusal is abra's last FATA line, on whichever stream`(output: String, error: String, reason: String) {
    let answer = Abra.Answer(result: CommandResult(status: .exited(1), output: Array(output.utf8), error: Array(error.utf8)))
    #expect(answer.reason == reason && !answer.ok)
  }

  @Test func `a call without an end says how long it was waited for`() {
    let answer = Abra.Answer(result: CommandResult(status: .timedOut, output: Array("FATA x".utf8), seconds: 61.7))
    #expect(answer.reason == "no end after 61 s" && answer.tail == ["FATA x"] && !answer.ok)
  }

  @Test(arguments: [
    ("abra version 0.13.0-beta-06a57de\n", "0.13.0-beta-06a57de"), ("abra version 0.10.1", "0.10.1"), ("abra version 1.0.0", "1.0.0"),
    ("abra version 0.9.9", nil), ("abra version dev", nil), ("abracadabra version 1.0", nil), ("GNU tar 1.34", nil), ("", nil),
  ])
  func `the version is read, and an old or strange one refused`(output: String, version: String?) async throws {
    let prompter = Prompter(output: output)
    guard let version else {
      let failure = await #expect(throws: Failure.self) { try await prompter.abra.version() }
      #expect(failure?.code == .config && failure?.next.contains("0.13") == true)
      return
    }
    #expect(try await prompter.abra.version() == version)
    #expect(prompter.commands.map(\.arguments) == [["--version"]])
  }

  @Test func `every call is offline, asks nothing, and touches no checkout but the pinned deploy`() async throws {
    let prompter = Prompter(output: "")
    let (abra, domain) = (prompter.abra, AppDomain("note-ab12cd.ci.example.org"))
    let recipe = try RecipeName("notes")
    _ = try await abra.new(recipe, domain)
    _ = try await abra.deployCheckout(domain)
    _ = try await abra.generateSecrets(domain)
    _ = try await abra.removeSecrets(domain)
    _ = try await abra.createBackup(domain, limit: .seconds(9))
    _ = try await abra.downloadBackup(domain, snapshot: "4bba301e", into: "/tmp", limit: .seconds(9))
    _ = try await abra.restore(domain, snapshot: "4bba301e", limit: .seconds(9))
    _ = try await abra.lint(recipe)
    #expect(prompter.commands.allSatisfy { Set(["-n", "-C", "-o"]).isSubset(of: $0.arguments) })
    _ = try await abra.undeploy(domain)
    _ = try await abra.removeVolumes(domain)
    _ = try await abra.deploy(domain, try #require(RecipeVersion("1.0.0+1")))
    #expect(prompter.commands.last?.arguments == ["app", "deploy", domain.text, "1.0.0+1", "-n", "-o", "-D", "-f", "-c"])
    #expect(prompter.commands.allSatisfy { $0.arguments.contains("-n") && $0.environment["ABRA_DIR"] == "/run/abra" && $0.limit > .zero })
    let terminals = prompter.commands.filter(\.terminal).map { $0.arguments.prefix(3).joined(separator: " ") }
    #expect(terminals == ["app backup create", "app backup download", "app restore \(domain)", "recipe lint notes"])
    #expect(prompter.commands.allSatisfy { $0.environment["TERM"] == ($0.terminal ? "xterm" : "dumb") })
  }
}

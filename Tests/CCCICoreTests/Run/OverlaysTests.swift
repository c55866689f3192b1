import Testing

@testable import CCCICore

@Suite struct OverlaysTests {
  /// What overlays of the custom tier come to, when their program ends like this and reports these lines.
  private static func results(
    files: [String] = ["test_a.py"], report: String = "", result: CommandResult = CommandResult(status: .exited(0))
  ) async throws -> (TestStage, [TestResult]) {
    let plan = try Plans.plan(try Plans.request(), files: files)
    let test = try TestStage(plan) { command throws(Failure) in
      if let path = command.environment["CCCI_REPORT_FILE"] { try Files.append(Array(report.utf8), to: path) }
      return result
    }
    return (test, try await Overlays(stage: test.stage, tier: .custom).run())
  }

  private static func line(
    _ name: String, _ outcome: String, file: String = "notes/test_a.py", because: String = "null", seconds: String = "0.5"
  ) -> String {
    "{\"name\": \"\(name)\", \"file\": \"\(file)\", \"outcome\": \"\(outcome)\", \"because\": \(because), \"seconds\": \(seconds)}\n"
  }

  @Test func `pytest's tests are taken one by one`() async throws {
    let report =
      Self.line("one", "pass") + Self.line("two", "fail", because: "\"assert 1 == 2\"") + Self.line("three", "skip", because: "\"no\"")
    let (test, results) = try await Self.results(report: report, result: CommandResult(status: .exited(1)))
    #expect(results.map(\.name) == ["one", "two", "three"] && results.map(\.outcome) == [.pass, .fail, .skip])
    #expect(
      results.map(\.reason) == [nil, .assertion, nil] && results[1].because == "assert 1 == 2"
        && results.allSatisfy { $0.file == "test_a.py" })
    let command = try #require(test.commands.withLock { $0 }.first)
    #expect(command.program == "python3" && command.sweep && command.arguments.last == "\(test.stage.directory.tests)/notes/test_a.py")
    #expect(command.environment["CCCI_APP_URL"] == test.stage.url && command.environment["CCCI_OP"] == "custom")
    #expect(try Files.list(test.stage.directory.work) == [], "the report, which nobody masks, does not stay")
  }

  @Test func `a tier that is judged again starts with an empty report`() async throws {
    let (test, _) = try await Self.results(report: Self.line("one", "pass"))
    #expect(try await Overlays(stage: test.stage, tier: .custom).run().count == 1)
  }

  @Test(arguments: [
    ("", CommandResult(status: .exited(5)), "no test was collected"), ("", CommandResult(status: .exited(0)), "no test was collected"),
    ("", CommandResult(status: .exited(4), error: Array("usage: bad".utf8)), "pytest ended with 4: usage: bad"),
    ("", CommandResult(status: .signaled(9)), "pytest was killed by signal 9"),
    ("", CommandResult(status: .timedOut), "no end after 900 s"),
    (line("one", "pass", file: "notes/test_other.py"), CommandResult(status: .exited(0)), "no test was collected"),
    ("{\"name\": \"one\", \"file\"", CommandResult(status: .exited(0)), "no test was collected"),
  ])
  func `a file from which no test came is an error`(report: String, result: CommandResult, because: String) async throws {
    let results = try await Self.results(report: report, result: result).1.filter { $0.file == "test_a.py" }
    #expect(results.map(\.outcome) == [.error] && results[0].because == because)
    #expect(results[0].reason == (result.status == .timedOut ? .timeout : .harness))
  }

  @Test(arguments: [
    (CommandResult(status: .exited(0), survivors: 2), "left 2 processes behind"),
    (CommandResult(status: .exited(3)), "pytest ended with 3: no output"),
    (CommandResult(status: .signaled(11)), "pytest was killed by signal 11"), (CommandResult(status: .timedOut), "no end after 900 s"),
  ])
  func `an end that the report does not show is an error beside its tests`(result: CommandResult, because: String) async throws {
    let results = try await Self.results(report: Self.line("one", "pass"), result: result).1
    #expect(results.map(\.outcome) == [.pass, .error] && results[1].because == because && results[1].name == "pytest")
  }

  @Test(arguments: [
    (CommandResult(status: .exited(0)), Outcome.pass, nil),
    (CommandResult(status: .exited(77), output: Array("later\n".utf8)), .skip, "later"),
    (CommandResult(status: .exited(99), error: Array("host\n".utf8)), .error, "host"),
    (CommandResult(status: .exited(1)), .fail, "exit 1: no output"),
    (CommandResult(status: .exited(127), error: Array("a\nb\n".utf8)), .fail, "exit 127: b"),
    (CommandResult(status: .signaled(6)), .error, "killed by signal 6"),
    (CommandResult(status: .timedOut), .error, "no end after 900 s"),
    (CommandResult(status: .exited(0), survivors: 1), .error, "left 1 processes behind"),
  ])
  func `an executable speaks by its exit status`(result: CommandResult, outcome: Outcome, because: String?) async throws {
    let results = try await Self.results(files: ["functional/test_run"], result: result).1
    #expect(results.count == 1 && results[0].outcome == outcome && results[0].because == because)
    #expect(results[0].name == "test_run" && results[0].file == "functional/test_run" && results[0].origin == .overlay)
  }

  @Test func `a file that cannot be collected is named by its path`() async throws {
    let report = Self.line("notes/test_a.py", "error", because: "\"line 1: SyntaxError: invalid syntax\"")
    let results = try await Self.results(report: report, result: CommandResult(status: .exited(2))).1
    #expect(results.map(\.name) == ["test_a.py"] && results[0].because == "line 1: SyntaxError: invalid syntax")
  }

  @Test(arguments: ["2s", "15m"]) func `a test may take as long as the settings say`(limit: String) async throws {
    var settings = Plans.settings
    settings.run.overlayLimit = try #require(DurationText.parse(limit))
    let test = try TestStage(try Plans.plan(try Plans.request(), files: ["test_a.py", "pre_upgrade.sh"]), settings: settings) {
      _ throws(Failure) in
      CommandResult(status: .timedOut)
    }
    let words = "no end after \(limit == "2s" ? 2 : 900) s"
    #expect(try await Overlays(stage: test.stage, tier: .custom).run().first?.because == words)
    #expect(try await Hooks(stage: test.stage).call("pre_upgrade", op: .upgrade).because == "pre_upgrade.sh: \(words)")
    #expect(test.commands.withLock { $0 }.allSatisfy { $0.limit == settings.run.overlayLimit })
  }

  @Test func `what a test says is one masked line`() async throws {
    let report =
      Self.line("one", "fail", because: "\"a\\nb \\u001b[31mred\"")
      + Self.line("two", "fail", because: "\"\(String(repeating: "x", count: 900))\"")
    let results = try await Self.results(report: report, result: CommandResult(status: .exited(1))).1
    #expect(results[0].because == "a b red" && results[1].because?.count == 601)
  }

  @Test(arguments: [
    (CommandResult(status: .exited(0)), Outcome.pass, ""),
    (CommandResult(status: .exited(3), output: Array("oh\n".utf8)), .error, "exit 3: oh"),
    (CommandResult(status: .signaled(9)), .error, "killed by signal 9"), (CommandResult(status: .timedOut), .error, "no end after 900 s"),
  ])
  func `a hook that fails is nobody's fault yet`(result: CommandResult, outcome: Outcome, words: String) async throws {
    let plan = try Plans.plan(try Plans.request(), files: ["pre_upgrade.sh", "ops.py", "backup_verify.py"])
    let test = try TestStage(plan) { _ throws(Failure) in result }
    let finding = try await Hooks(stage: test.stage).call("pre_upgrade", op: .upgrade)
    #expect(finding.outcome == outcome && finding.because.contains(words))
    _ = try await Hooks(stage: test.stage).call("pre_backup", op: .backup)
    _ = try await Hooks(stage: test.stage).call("backup_verify", op: .backup)
    let commands = test.commands.withLock { $0 }
    let folder = "\(test.stage.directory.tests)/notes"
    #expect(commands.map(\.program) == ["\(folder)/pre_upgrade.sh", "python3", "python3"] && commands.allSatisfy(\.sweep))
    #expect(
      commands[1].arguments == ["-m", "ccci_test.ops", "\(folder)/ops.py", "pre_backup"]
        && commands[2].arguments == ["\(folder)/backup_verify.py"])
    #expect(try await Hooks(stage: test.stage).call("install_steps", op: .install) == .pass)
    #expect(test.commands.withLock { $0.count } == 3, "what is not there is not called")
  }
}

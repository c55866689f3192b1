import FoundationEssentials

/// Runs the overlay assertions of one tier: pytest files in one process, executables one by one.
struct Overlays: Sendable {
  let stage: Stage
  let tier: Tier

  /// One line that `tests/ccci_test/report.py` writes for each test.
  private struct Line: Decodable {
    var name: String
    var file: String
    var outcome: Outcome
    var because: String?
    var seconds: Double
  }

  func run() async throws(Failure) -> [TestResult] {
    let files = stage.plan.overlays.tests[tier] ?? []
    guard !files.isEmpty else { return [] }
    return try await stage.ledger.timed("tests_\(tier.rawValue)") { () async throws(Failure) in
      var results: [TestResult] = []
      let python = files.filter(\.isPytest)
      if !python.isEmpty { results += try await pytest(python) }
      for file in files where !file.isPytest { results.append(try await executable(file)) }
      return results
    }
  }

  /// automake's protocol: 0 pass, 77 skip, 99 error, else fail.
  private func executable(_ file: OverlayPlan.File) async throws(Failure) -> TestResult {
    let overlays = OverlayEnvironment(stage: stage)
    let name = String(file.path.split(separator: "/").last ?? "test")
    let result = try await stage.programs.call(
      "test-\(tier.rawValue)-\(name)", "\(overlays.folder)/\(file.path)", [], in: overlays.folder, with: overlays.variables(op: tier),
      sweep: true,
      limit: OverlayEnvironment.limit)
    let words = TerminalText.tail(result.errorText, 1).last ?? TerminalText.tail(result.text, 1).last ?? "no output"
    var (outcome, because): (Outcome, String?) =
      switch result.status {
      case .exited(0): (.pass, nil)
      case .exited(77): (.skip, words)
      case .exited(99): (.error, words)
      case .exited(let code): (.fail, "exit \(code): \(words)")
      case .signaled(let signal): (.error, "killed by signal \(signal)")
      case .timedOut: (.error, "no end after \(Int(OverlayEnvironment.limit.seconds)) s")
      }
    if result.survivors > 0, outcome == .pass { (outcome, because) = (.error, "left \(result.survivors) processes behind") }
    return test(name, file.path, outcome, because, timedOut: result.status == .timedOut, seconds: result.seconds)
  }

  private func pytest(_ files: [OverlayPlan.File]) async throws(Failure) -> [TestResult] {
    let overlays = OverlayEnvironment(stage: stage)
    let report = "\(stage.directory.work)/report-\(tier.rawValue).jsonl"
    let arguments =
      [
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "ccci_test.report", "--rootdir", stage.directory.tests,
        "--import-mode=importlib",
      ]
      + files.map { "\(overlays.folder)/\($0.path)" }
    let variables = overlays.variables(op: tier).merging(["CCCI_REPORT_FILE": report]) { $1 }
    // The tier may run again, on another base, and its tests only add to the report. What they say is not masked: it must not stay.
    try Files.remove(report)
    let result = try await stage.programs.call(
      "pytest-\(tier.rawValue)", "python3", arguments, in: overlays.folder, with: variables, sweep: true, limit: OverlayEnvironment.limit)
    var tests = try lines(report).map { line in
      test(line.name, relative(line.file), line.outcome, line.because, timedOut: false, seconds: line.seconds)
    }
    try Files.remove(report)
    for file in files where !tests.contains(where: { $0.file == file.path }) {
      tests.append(test(file.path, file.path, .error, silence(result), timedOut: result.status == .timedOut, seconds: 0))
    }
    if let problem = problem(result), !tests.contains(where: { $0.outcome == .fail || $0.outcome == .error }) {
      tests.append(test("pytest", files[0].path, .error, problem, timedOut: result.status == .timedOut, seconds: 0))
    }
    return tests
  }

  /// Why a file has no test in the report.
  private func silence(_ result: CommandResult) -> String {
    switch result.status {
    case .timedOut: "no end after \(Int(OverlayEnvironment.limit.seconds)) s"
    case .signaled(let signal): "pytest was killed by signal \(signal)"
    case .exited(let code) where code != 0 && code != 1 && code != 5:
      "pytest ended with \(code): \(TerminalText.tail(result.errorText, 1).last ?? TerminalText.tail(result.text, 1).last ?? "no output")"
    case .exited: "no test was collected"
    }
  }

  /// An end of pytest that its report does not show.
  private func problem(_ result: CommandResult) -> String? {
    if result.survivors > 0 { return "left \(result.survivors) processes behind" }
    return result.status == .exited(0) ? nil : silence(result)
  }

  private func lines(_ path: String) throws(Failure) -> [Line] {
    guard let bytes = try Files.readIfPresent(path) else { return [] }
    var lines: [Line] = []
    for line in bytes.split(separator: 10) {
      // The last line of a process that was killed may be cut off; what it would have said is then missing, and that is an error of its own.
      do throws(Failure) { lines.append(try JSONCoding.decode(Line.self, from: Array(line), path: path)) } catch { continue }
    }
    return lines
  }

  private func relative(_ file: String) -> String {
    let folder = "\(stage.recipe)/"
    return file.hasPrefix(folder) ? String(file.dropFirst(folder.count)) : file
  }

  private func test(_ name: String, _ file: String, _ outcome: Outcome, _ because: String?, timedOut: Bool, seconds: Double) -> TestResult {
    let reason: Reason? =
      switch outcome {
      case .pass, .skip: nil
      case .fail: .assertion
      case .error: timedOut ? .timeout : .harness
      }
    let masked = because.map { Console.line(stage.console.mask.masked(Console.plain($0))) }
    return TestResult(name: name, origin: .overlay, file: file, outcome: outcome, reason: reason, because: masked, seconds: seconds)
  }
}

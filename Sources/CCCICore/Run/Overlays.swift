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

  /// Bytes of a report that is still read: more than 10 000 tests with their reasons.
  private static let longestReport = 8 << 20

  func run() async throws(Failure) -> [TestResult] {
    var results: [TestResult] = []
    for place in [OverlayPlace.own(stage), try RepoLocal(stage: stage).place()].compactMap({ $0 }) {
      let files = place.tests[tier] ?? []
      guard !files.isEmpty else { continue }
      results += try await stage.ledger.timed("tests_\(tier.rawValue)") { () async throws(Failure) in try await run(files, place) }
    }
    return results
  }

  private func run(_ files: [OverlayPlan.File], _ place: OverlayPlace) async throws(Failure) -> [TestResult] {
    var results: [TestResult] = []
    let python = files.filter(\.isPytest)
    if !python.isEmpty { results += try await pytest(python, place) }
    for file in files where !file.isPytest { results.append(try await executable(file, place)) }
    return results
  }

  /// automake's protocol: 0 pass, 77 skip, 99 error, else fail.
  private func executable(_ file: OverlayPlan.File, _ place: OverlayPlace) async throws(Failure) -> TestResult {
    let name = String(file.path.split(separator: "/").last ?? "test")
    let result = try await place.call(tier, "test-\(tier.rawValue)-\(name)", "\(place.folder)/\(file.path)", [], [:])
    let words = TerminalText.tail(result.errorText, 1).last ?? TerminalText.tail(result.text, 1).last ?? "no output"
    var (outcome, because): (Outcome, String?) =
      switch result.status {
      case .exited(0): (.pass, nil)
      case .exited(77): (.skip, words)
      case .exited(99): (.error, words)
      case .exited(let code): (.fail, "exit \(code): \(words)")
      case .signaled(let signal): (.error, "killed by signal \(signal)")
      case .timedOut: (.error, tooLong)
      }
    if result.survivors > 0, outcome == .pass { (outcome, because) = (.error, "left \(result.survivors) processes behind") }
    return test(name, file.path, outcome, because, place, timedOut: result.status == .timedOut, seconds: result.seconds)
  }

  private func pytest(_ files: [OverlayPlan.File], _ place: OverlayPlace) async throws(Failure) -> [TestResult] {
    let name = "report-\(tier.rawValue).jsonl"
    let report = "\(place.reports.outside)/\(name)"
    // Not shortened: half a secret in a comparison would be no secret that we know.
    var arguments = ["-m", "pytest", "-vv", "-p", "no:cacheprovider"]
    for plugin in place.plugins { arguments += ["-p", plugin] }
    arguments += ["--rootdir", place.root, "--import-mode=importlib"] + files.map { "\(place.folder)/\($0.path)" }
    // The tier may run again, on another base, and its tests only add to the report. What they say is not masked: it must not stay.
    try Files.remove(report)
    let result = try await place.call(
      tier, "pytest-\(tier.rawValue)", "python3", arguments, ["CCCI_REPORT_FILE": "\(place.reports.inside)/\(name)"])
    var tests = try lines(report).map { line in
      test(relative(line.name), relative(line.file), line.outcome, line.because, place, timedOut: false, seconds: line.seconds)
    }
    try Files.remove(report)
    for file in files where !tests.contains(where: { $0.file == file.path }) {
      tests.append(test(file.path, file.path, .error, silence(result), place, timedOut: result.status == .timedOut, seconds: 0))
    }
    if let problem = problem(result), !tests.contains(where: { $0.outcome == .fail || $0.outcome == .error }) {
      tests.append(test("pytest", files[0].path, .error, problem, place, timedOut: result.status == .timedOut, seconds: 0))
    }
    return tests
  }

  private var tooLong: String { "no end after \(Int(OverlayEnvironment(stage: stage).limit.seconds)) s" }

  /// Why a file has no test in the report.
  private func silence(_ result: CommandResult) -> String {
    switch result.status {
    case .timedOut: tooLong
    case .signaled(let signal): "pytest was killed by signal \(signal)"
    case .exited(let code) where code != 0 && code != 1 && code != 5:
      "pytest ended with \(code): \(PytestWords.last(result.errorText) ?? PytestWords.last(result.text) ?? "no output")"
    case .exited: "no test was collected"
    }
  }

  /// An end of pytest that its report does not show.
  private func problem(_ result: CommandResult) -> String? {
    if result.survivors > 0 { return "left \(result.survivors) processes behind" }
    return result.status == .exited(0) ? nil : silence(result)
  }

  private func lines(_ path: String) throws(Failure) -> [Line] {
    // In a cage a pull request's author has written it: a pipe would hold us up, a link would lead us to what is not his to show.
    guard let status = try Files.status(path), status.kind == .file, status.size <= Self.longestReport else { return [] }
    let bytes = try Files.read(path)
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

  private func test(
    _ name: String, _ file: String, _ outcome: Outcome, _ because: String?, _ place: OverlayPlace, timedOut: Bool, seconds: Double
  ) -> TestResult {
    let reason: Reason? =
      switch outcome {
      case .pass, .skip: nil
      case .fail: .assertion
      case .error: timedOut ? .timeout : .harness
      }
    let masked = because.map { Console.line(stage.console.mask.masked(Console.plain($0))) }
    return TestResult(name: name, origin: place.origin, file: file, outcome: outcome, reason: reason, because: masked, seconds: seconds)
  }
}

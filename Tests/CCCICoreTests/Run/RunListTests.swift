import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// The built `ccci-run` over records that lie there.
@Suite struct RunListTests {
  private let folder: TemporaryFolder
  private let runs: String

  init() throws {
    folder = try TemporaryFolder(inMemory: true)
    runs = folder("runs")
    let settings = "[host]\nzone = \"ci.example.org\"\nruns = \"\(runs)\"\nshelf = \"\(folder("shelf"))\"\n"
    try Files.write(Array(settings.utf8), to: folder("settings.toml"))
  }

  private func run(_ arguments: String..., with more: [String: String] = [:]) async throws -> CommandResult {
    let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
    let program = "\(getenv("CCCI_BINARIES").map { String(cString: $0) } ?? "\(root)/.build/debug")/ccci-run"
    let environment = ["CCCI_SETTINGS": folder("settings.toml"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(more) { $1 }
    return try await CommandRunner.run(Command(program, arguments, environment: environment, limit: .seconds(60)))
  }

  /// A record that began so many minutes ago, with results or without.
  private func record(_ id: String, minutes: Double, results: Bool, _ change: (inout RunRecord) -> Void = { _ in }) throws {
    let directory = RunDirectory(runs: runs, id: id)
    _ = try directory.create()
    var record = Records.record(id, started: Date().addingTimeInterval(-60 * minutes))
    record.finished = Date()
    change(&record)
    try directory.write(record)
    if results { try directory.write(Records.full) }
  }

  private func breakRecord(_ id: String) throws {
    _ = try RunDirectory(runs: runs, id: id).create()
    try Files.write(Array("{\"schema\"".utf8), to: RunDirectory(runs: runs, id: id).record)
  }

  @Test func `the newest answer is that of the newest run, not of a promotion behind it`() async throws {
    try record("d1", minutes: 3, results: true)
    try record("p-1", minutes: 2, results: false) { ($0.mode, $0.phase) = (.promote, "promoted 1.0.0+1") }
    let newest = try await run("show")
    #expect(newest.ok && newest.text.contains("d1"), "\(newest.text) \(newest.errorText)")
    let promotion = try await run("show", "p-1")
    #expect(promotion.status == .exited(66), "\(promotion.errorText)")
    #expect(promotion.errorText.contains("a promotion, it has ended: promoted 1.0.0+1") && !promotion.errorText.contains("wait"))
    try record("d2", minutes: 1, results: false) { $0.finished = nil }
    #expect(try await run("show").status == .exited(75))
  }

  @Test func `a record that is broken is listed as one`() async throws {
    try breakRecord("d7")
    let alone = try await run("list")
    #expect(alone.ok && alone.text.contains("d7") && alone.text.contains("unreadable"), "\(alone.text)")
    try record("d1", minutes: 3, results: true)
    let lines = try await run("list", "--json").text.split(separator: "\n")
    #expect(lines.count == 2 && lines.filter { $0.contains(#""state":"unreadable""#) }.count == 1, "\(lines)")
    #expect(try await run("list", "-n", "0").status == .exited(64))
    #expect(try await run("show", "d7").status == .exited(65))
  }

  @Test func `with --json a trigger that has had its run answers with JSON`() async throws {
    let key = "git.example.org/recipes/notes#12@901"
    _ = try RunClaim(key: key, run: "d1", build: 1, at: Date()).claim(runs: runs)
    let plain = try await run("notes", with: ["CCCI_TRIGGER": key])
    #expect(plain.ok && plain.text == "already run as d1: \(key)\n", "\(plain.text) \(plain.errorText)")
    let early = try await run("notes", "--json", with: ["CCCI_TRIGGER": key])
    #expect(early.ok && early.text == #"{"run_id":"d1","trigger":"\#(key)"}"# + "\n", "\(early.text)")
    try record("d1", minutes: 1, results: true)
    let late = try await run("notes", "--json", with: ["CCCI_TRIGGER": key])
    #expect(late.ok && late.errorText.contains("already run as d1"))
    #expect(try JSONCoding.decode(Results.self, from: Array(late.text.utf8), path: "stdout") == Records.full)
  }

  @Test func `an empty --tests is named`() async throws {
    let result = try await run("plan", "notes", "--tests", "")
    #expect(result.status == .exited(64) && result.errorText.contains("--tests is empty"), "\(result.errorText)")
  }
}

import CCCICore
import FoundationEssentials
import Testing

/// Debian's package `python3-jsonschema`.
private let isThere =
  Files.isExecutable("/usr/bin/python3") && FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/jsonschema")

@Suite(.enabled(if: isThere, "needs the Debian package python3-jsonschema")) struct SchemaTests {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

  /// The complaints of `docs/schemas/<kind>-1.json` about each text.
  private static func complaints(_ kind: String, _ texts: [String]) async throws -> [String] {
    let folder = try TemporaryFolder()
    for (index, text) in texts.enumerated() { try Files.write(Array(text.utf8), to: folder("\(index)")) }
    let script = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      validator = jsonschema.Draft202012Validator(schema)
      for path in sys.argv[2:]:
          print("; ".join(".".join(map(str, e.absolute_path)) + ": " + e.message.replace(chr(10), " ") for e in validator.iter_errors(json.load(open(path)))))
      """
    let arguments = ["-c", script, "\(root)/docs/schemas/\(kind)-1.json"] + texts.indices.map { folder("\($0)") }
    let result = try await CommandRunner.run(
      Command("/usr/bin/python3", arguments, environment: ["LC_ALL": "C.UTF-8"], limit: .seconds(60)))
    try #require(result.ok, "\(result.errorText)")
    return result.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  private static func text(_ value: some Encodable) throws -> String { String(decoding: try JSONCoding.encode(value), as: UTF8.self) }

  @Test func `what the code writes is what the schemas say`() async throws {
    let verdicts = try Verdict.allCases.map { verdict in
      var results = Records.full
      results.verdict = verdict
      return try Self.text(results)
    }
    let modes = try Verdict.Mode.allCases.map { mode in
      var (results, record) = (Records.full, Records.record("d1"))
      (results.mode, record.mode) = (mode, mode)
      return (results: try Self.text(results), record: try Self.text(record))
    }
    let results = [try Self.text(Records.full), try Self.text(Records.bare)] + verdicts + modes.map(\.results)
    #expect(try await Self.complaints("results", results) == results.map { _ in "" })
    let records = try [true, false].map { try Self.text(Records.record("d1", full: $0)) } + modes.map(\.record)
    #expect(try await Self.complaints("run", records) == records.map { _ in "" })
  }

  @Test func `what the code does not write is refused`() async throws {
    let full = try Self.text(Records.full)
    let changes = [
      ("\"schema\" : 1", "\"schema\" : 2"), ("\"schema\" : 1", "\"schema\" : 1, \"new\" : 1"),
      ("\"verdict\" : \"red\"", "\"verdict\" : \"blue\""),
      ("\"level\" : 1,", "\"level\" : 6,"), ("\"level\" : 1,", ""), ("\"outcome\" : \"skip\"", "\"outcome\" : \"skipped\""),
      ("\"origin\" : \"repo-local\"", "\"origin\" : \"repo\""), ("\"reason\" : \"no-op\"", "\"reason\" : \"noop\""),
      ("2027-01-15T08:00:00Z", "2027-01-15 08:00:00"), (Records.sha, "main"), ("\"kind\" : \"version\"", "\"kind\" : \"tag\""),
      ("\"pr\" : 7", "\"pr\" : \"7\""), ("\"no_secret_leak\" : true", "\"no_secret_leak\" : 1"),
      ("\"tier\" : \"custom\"", "\"tier\" : \"customs\""),
      ("\"log_tail\" : [", "\"log\" : ["), ("\"restore\" : \"data\"", "\"restore\" : \"much\""),
    ]
    for (from, _) in changes { try #require(full.contains(from), "\(from)") }
    let complaints = try await Self.complaints("results", changes.map { full.replacing($0.0, with: $0.1) })
    for (change, complaint) in zip(changes, complaints) { #expect(!complaint.isEmpty, "\(change)") }
    let record = try Self.text(Records.record("d1", full: true))
    let others = [
      ("\"pid\" : 4711", "\"pid\" : 0"), ("\"mode\" : \"quick\"", "\"mode\" : \"fast\""), ("\"cookie\" : \"0f", "\"cookie\" : \"xx"),
      ("\"owner\"", "\"owners\""),
    ]
    for complaint in try await Self.complaints("run", others.map { record.replacing($0.0, with: $0.1) }) { #expect(!complaint.isEmpty) }
  }
}

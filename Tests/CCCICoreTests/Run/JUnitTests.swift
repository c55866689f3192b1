import Testing

@testable import CCCICore

@Suite struct JUnitTests {
  /// What Python's reader makes of a text: the suite, and for each test its name, its class, its time, its child and the child's message.
  private struct Suite: Decodable {
    var name: String
    var tests: String
    var failures: String
    var errors: String
    var skipped: String
    var time: String
    var cases: [[String]]
    var counts: [String] { [tests, failures, errors, skipped] }
  }

  private static func read(_ texts: [String]) async throws -> [Suite] {
    let folder = try TemporaryFolder()
    for (index, text) in texts.enumerated() { try Files.write(Array(text.utf8), to: folder("\(index)")) }
    let script = """
      import json, sys, xml.etree.ElementTree as tree
      for path in sys.argv[1:]:
          suite = tree.parse(path).getroot()
          tests = [[t.get("name"), t.get("classname"), t.get("time"), *[x for c in t for x in (c.tag, c.get("message"))]] for t in suite]
          print(json.dumps({**suite.attrib, "cases": tests}))
      """
    let arguments = ["-c", script] + texts.indices.map { folder("\($0)") }
    let result = try await CommandRunner.run(Command("/usr/bin/python3", arguments, environment: [:], limit: .seconds(60)))
    try #require(result.ok, "\(result.errorText)")
    return try result.text.split(separator: "\n").map { try JSONCoding.decode(Suite.self, from: Array($0.utf8), path: "junit") }
  }

  static let nasty = "<a href=\"x\">&amp; ]]> é 😀 \u{0}\u{1}\u{1B}[31m\u{FFFE}\u{FFFF}\u{7F} 'quoted' \u{301}--!>"

  @Test(.enabled(if: Files.isExecutable("/usr/bin/python3"), "needs python3"))
  func `a strict reader finds every test, whatever stands in its name and words`() async throws {
    let tests = [
      TestResult.named("plain"),
      TestResult(name: Self.nasty, origin: .overlay, outcome: .fail, because: "a\nb\t\(Self.nasty)", seconds: 1.25),
      TestResult(name: "e", origin: .generic, outcome: .error, because: nil),
      TestResult(name: "s", origin: .generic, outcome: .skip, because: "no"),
    ]
    let tiers =
      [TierResult.judged(.custom, tests: tests, seconds: 61.5)]
      + Outcome.allCases.map { TierResult(tier: .backup, outcome: $0, because: "why") }
    let suites = try await Self.read(tiers.map { JUnit.xml($0, of: "custom-html") })
    #expect(suites[0].name == "custom-html.custom" && suites[0].time == "61.500" && suites[0].counts == ["4", "1", "1", "1"])
    let cases = suites[0].cases
    let plain = "<a href=\"x\">&amp; ]]> é 😀 [31m\u{7F} 'quoted' \u{301}--!>"
    #expect(cases.map(\.first) == ["plain", plain, "e", "s"] && cases.allSatisfy { $0[1] == "custom-html.custom" })
    #expect(
      cases.map { $0.dropFirst(3).first } == [nil, "failure", "error", "skipped"] && cases[1][2] == "1.250" && cases[1][4] == "a b \(plain)"
    )
    for (outcome, suite) in zip(Outcome.allCases, suites.dropFirst()) {
      #expect(suite.counts == ["1"] + [Outcome.fail, .error, .skip].map { $0 == outcome ? "1" : "0" } && suite.cases[0][0] == "tier")
    }
  }

  @Test(arguments: [
    (0.0, "0.000"), (1.25, "1.250"), (0.0004, "0.000"), (0.0005, "0.001"), (61.5, "61.500"), (-1, "0.000"), (1e300, "1000000000.000"),
    (.infinity, "1000000000.000"),
  ])
  func `seconds have three digits, and are a time whatever a test says`(value: Double, text: String) {
    #expect(JUnit.seconds(value) == text)
  }
}

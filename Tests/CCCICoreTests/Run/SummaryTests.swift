import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct SummaryTests {
  @Test func `a summary says the answer, what it rests on, and where to read on`() {
    var results = Records.full
    results.tiers = [
      .judged(.install, tests: [.named("one"), .named("two")], seconds: 12.34),
      TierResult(.upgrade, .fail(.rolledBack, "rolled back"), seconds: 3),
      TierResult(.custom, .skip(.structural, "no custom tests")),
    ]
    let text = Summary.text(results, record: "/var/lib/cc-ci-runs/d17-3")
    for line in [
      "notes 1.0.0+1 at 0a0a0a0a, cold, pull request 7", "install   pass        12.3  2/2  ",
      "upgrade   fail         3.0  -      rolled back",
      "custom    skip         0.0  -      no custom tests", "level    1 (install) of 5", "base     0.9.0+1: newest release before 1.0.0+1",
      "proved   restore: data", "proved   upgrade: files", "lint     fail: R014 only annotated tags",
      "opt-out  generic assertions of upgrade: CCCI_SKIP_GENERIC",
      "warning  careful", "left     volume x", "failure  upgrade: upgrade finished: so", "       | a line",
      "record   /var/lib/cc-ci-runs/d17-3",
      "deploy             3.3  ████████████████████████████████████████", "own                0.1  ██", "teardown           0.0  ",
      "RED  upgrade: so",
    ] { #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)\n\(text)") }
    #expect(text.contains("orphan   sidekiq:") && text.hasSuffix("RED  upgrade: so"))
  }

  @Test func `a bare result is summed up too`() {
    let text = Summary.text(Records.bare, record: "/r")
    #expect(text.contains("notes no version, cold\n") && text.contains("level    0 of 5") && text.contains("base     none: not reached"))
    #expect(text.hasSuffix("UNJUDGED  ") && !text.contains("failure"))
  }

  @Test(arguments: [
    (Results.Base(kind: "version", value: "1.2.3+4.5", because: "b", version: nil), "1.2.3+4.5"),
    (Results.Base(kind: "version", value: "1.2.3+4.5", because: "b", version: "1.0.0+1"), "1.0.0+1"),
    (Results.Base(kind: "ref", value: String(repeating: "a", count: 40), because: "b", version: nil), "aaaaaaaa"),
    (Results.Base(kind: "skip", value: nil, because: "b", version: nil), "none"),
  ])
  func `the base is named as it can be looked up`(base: Results.Base, name: String) {
    var results = Records.bare
    results.base = base
    #expect(Summary.text(results, record: "/r").contains("\nbase     \(name): b\n"))
  }

  @Test(arguments: [6, -1, 99, Int.max])
  func `a file that says nonsense is shown, and ends nothing`(level: Int) {
    var results = Records.full
    results.level = level
    results.timings = ["own": 1e300, "deploy": -5, "x": 0]
    results.tiers[0].seconds = 1e300
    let text = Summary.text(results, record: "/r")
    #expect(text.contains("level    \(level) of 5\n") && text.contains("RED"))
  }

  @Test func `runs are listed, one that cannot be read among them`() throws {
    let folder = try TemporaryFolder()
    for (id, text) in [("d1", nil), ("d2", "{\"schema\""), ("d3", "")] {
      let directory = RunDirectory(runs: folder("runs"), id: id)
      _ = try directory.create()
      try directory.write(Records.record(id, full: id == "d1"))
      if id == "d1" { try directory.write(Records.full) }
      if let text, !text.isEmpty { try Files.write(Array(text.utf8), to: directory.results) }
    }
    let rows = try RunRecords(runs: folder("runs")).newestEntries(9).reversed().map { try RunRow($0, runs: folder("runs")) }
    #expect(rows.map(\.state) == ["red", "unreadable", "upgrade"] && rows.map(\.seconds) == [90, nil, nil])
    let table = RunRow.table(rows).split(separator: "\n")
    #expect(table.count == 4 && table[1] == "d1    notes   0a0a0a0a  7      red         90       2027-01-15T08:00:00Z")
    #expect(try rows[0].json.hasPrefix("{\"pr\":7,\"recipe\":\"notes\"") && !rows[0].json.contains("\n"))
  }
}

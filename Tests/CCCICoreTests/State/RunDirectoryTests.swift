import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite struct RunDirectoryTests {
  @Test(arguments: [Records.full, Records.bare])
  func `results come back from their file as they went`(results: Results) throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: results.runID)
    #expect(try directory.create())
    #expect(try directory.readResults() == nil && directory.readRecord() == nil)
    try directory.write(results)
    #expect(try directory.readResults() == results)
    let text = String(decoding: try Files.read(directory.results), as: UTF8.self)
    #expect(text.contains("\"started\" : \"2027-01-15T08:00:00Z\"") && text.hasSuffix("}\n") && text.contains("\"schema\" : 1"))
  }

  @Test(arguments: [true, false])
  func `a record comes back from its file as it went`(isFull: Bool) throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: "d1")
    _ = try directory.create()
    try directory.write(Records.record("d1", full: isFull))
    #expect(try directory.readRecord() == Records.record("d1", full: isFull))
  }

  @Test func `the folder is made once, with what a run writes into, and read by no stranger`() throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("deep/runs"), id: "d1")
    #expect(try directory.create())
    #expect(try !directory.create(), "the id belongs to another run")
    #expect(try Files.list(directory.path) == ["junit", "logs", "work"] && Files.status(directory.path)?.mode == 0o750)
    let paths = [
      directory.record, directory.results, directory.lintText, directory.opState, directory.deps, directory.meta, directory.abra,
    ]
    #expect(Set(paths).count == paths.count && paths.allSatisfy { $0.hasPrefix("\(directory.path)/") })
  }

  @Test(arguments: [
    ("{\"schema\": 1", "cut off"), ("", "is empty"), ("[]", "run.json"), ("{}", "is missing"),
    ("{\"schema\": \"1\"}", "schema: is not a number"),
  ])
  func `a broken record is named by path, and never read as an empty one`(text: String, words: String) throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: "d1")
    _ = try directory.create()
    try Files.write(Array(text.utf8), to: directory.record)
    let failure = #expect(throws: Failure.self) { try directory.readRecord() }
    #expect(failure?.code == .badData && failure?.what.hasPrefix(directory.record) == true && failure?.what.contains(words) == true)
  }

  @Test func `keys that are not known are passed over, missing ones and wrong types are not`() throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: "d1")
    _ = try directory.create()
    try directory.write(Records.full)
    let text = String(decoding: try Files.read(directory.results), as: UTF8.self)
    try Files.write(Array(text.replacing("\"schema\" : 1", with: "\"new\" : {}, \"schema\" : 1").utf8), to: directory.results)
    #expect(try directory.readResults() == Records.full)
    for (from, to, key) in [
      ("\"exit_code\" : 1", "\"exit_code\" : \"1\"", "exit_code"), ("\"verdict\" : \"red\"", "\"verdict\" : \"blue\"", "verdict"),
      ("\"level\" : 1,", "", "level"), ("\"count\" : 2,", "", "deploys.count"), ("2027-01-15T08:00:00Z", "yesterday", "started"),
    ] {
      try #require(text.contains(from))
      try Files.write(Array(text.replacing(from, with: to).utf8), to: directory.results)
      let failure = #expect(throws: Failure.self) { try directory.readResults() }
      #expect(failure?.code == .badData && failure?.what.hasPrefix("\(directory.results): \(key): ") == true, "\(failure?.what ?? "")")
    }
  }

  @Test func `records are listed oldest first, whatever else lies there`() throws {
    let folder = try TemporaryFolder()
    let records = RunRecords(runs: folder("runs"))
    #expect(try records.ids() == [] && records.newest(1).isEmpty)
    for (id, seconds) in [("d9", 0.0), ("d10", 60), ("a", 60), ("m-1", -60)] {
      let directory = RunDirectory(runs: records.runs, id: id)
      _ = try directory.create()
      try directory.write(Records.record(id, started: Records.start.addingTimeInterval(seconds)))
    }
    for name in [".hidden", "claims", "empty", "broken"] { try Files.createDirectory(folder("runs/\(name)")) }
    try Files.write([1], to: folder("runs/broken/run.json"))
    try Files.write([1], to: folder("runs/file"))
    #expect(try records.all().map(\.runID) == ["m-1", "d9", "a", "d10"])
    #expect(try records.ids() == ["a", "broken", "d10", "d9", "empty", "m-1"])
  }

  /// A folder whose record began then, and was last written then; both in seconds.
  private func closed(_ id: String, _ runs: String, started: Double, changed: Double) throws {
    let directory = RunDirectory(runs: runs, id: id)
    _ = try directory.create()
    try directory.write(Records.record(id, started: Date(timeIntervalSince1970: started)))
    change(directory.path, at: changed)
  }

  private func change(_ path: String, at seconds: Double) {
    let time = timeval(tv_sec: Int(seconds), tv_usec: 0)
    #expect(utimes(path, [time, time]) == 0)
  }

  @Test(arguments: [
    // Changed in the order in which they began, and a late change of an old one.
    [("a", 100.0, 150.0), ("b", 200, 250), ("c", 300, 350), ("d", 400, 450)],
    [("a", 100, 999), ("b", 200, 250), ("c", 300, 350), ("d", 400, 450)],
    // All changed at once, as by a copy.
    [("a", 100, 999), ("b", 200, 999), ("c", 300, 999), ("d", 400, 999)],
    // Long runs that end in another order, and one that began in the second in which the other was last changed.
    [("a", 100, 900), ("b", 200, 800), ("c", 300, 350), ("d", 350, 360)],
    [("d", 400, 950), ("c", 300, 960), ("a", 100, 400), ("b", 200, 210)],
    // The clock went back in a run: its folder is older than its start.
    [("a", 100, 150), ("b", 200, 250), ("c", 300, 900), ("d", 400, 390)],
  ])
  func `the newest records are those that began last, whenever their folders changed`(made: [(String, Double, Double)]) throws {
    let folder = try TemporaryFolder()
    let records = RunRecords(runs: folder("runs"))
    for (id, started, changed) in made { try closed(id, records.runs, started: started, changed: changed) }
    for name in [".hidden", "claims", "empty", "broken"] { try Files.createDirectory(folder("runs/\(name)")) }
    try Files.write([1], to: folder("runs/broken/run.json"))
    for count in 0...5 { #expect(try records.newest(count).map(\.runID) == Array(["d", "c", "b", "a"].prefix(count))) }
    #expect(try records.newest(-1).isEmpty)
    #expect(try records.newest(1) { $0.runID != "d" }.map(\.runID) == ["c"])
    // Broken just now, and therefore the first.
    #expect(
      try records.newestEntries(2).map(\.id) == ["broken", "d"] && records.newestEntries(9).map(\.id) == ["broken", "d", "c", "b", "a"])
  }

  @Test func `a file of another schema is refused, whatever else differs in it`() throws {
    let folder = try TemporaryFolder()
    let directory = RunDirectory(runs: folder("runs"), id: "d1")
    _ = try directory.create()
    let text = String(decoding: try JSONCoding.encode(Records.record("d1")), as: UTF8.self)
    for (from, to) in [("\"recipe\"", "\"recipe\""), ("\"recipe\"", "\"name\"")] {
      let other = text.replacing("\"schema\" : 1", with: "\"schema\" : 9").replacing(from, with: to)
      try Files.write(Array(other.utf8), to: directory.record)
      let failure = #expect(throws: Failure.self) { try directory.readRecord() }
      #expect(failure?.code == .badData && failure?.what == "\(directory.record): schema: is 9", "\(String(describing: failure))")
    }
    #expect(try RunRecords(runs: folder("runs")).newestEntries(1).first?.record == nil)
  }

  @Test func `old records are not opened, neither for the newest nor for those since a moment`() throws {
    let folder = try TemporaryFolder()
    let records = RunRecords(runs: folder("runs"))
    for (id, started) in [("a", 100.0), ("b", 200), ("c", 300)] { try closed(id, records.runs, started: started, changed: started + 10) }
    // What is never read can say anything.
    try Files.write(Array("{\"schema\": 1".utf8), to: "\(records.runs)/a/run.json")
    change("\(records.runs)/a", at: 110)
    try Files.removeTree("\(records.runs)/b/run.json")
    try Files.createDirectory("\(records.runs)/b/run.json")
    change("\(records.runs)/b", at: 210)
    #expect(try records.newest(1).map(\.runID) == ["c"] && records.since(Date(timeIntervalSince1970: 250)).map(\.runID) == ["c"])
    #expect(throws: Failure.self) { try records.newest(2) }
    #expect(throws: Failure.self) { try records.since(Date(timeIntervalSince1970: 205)) }
    #expect(try records.since(Date(timeIntervalSince1970: 311)).isEmpty)
  }

  @Test func `open are the records that something is still to come of, and only those are read`() throws {
    let folder = try TemporaryFolder()
    let records = RunRecords(runs: folder("runs"))
    #expect(try records.open() == [])
    var record = Records.record("d2", started: Records.start.addingTimeInterval(60))
    let directory = RunDirectory(runs: records.runs, id: "d2")
    _ = try directory.create()
    #expect(try records.open() == [], "its record is not there yet")
    try directory.write(record)
    let older = RunDirectory(runs: records.runs, id: "d1")
    _ = try older.create()
    try older.write(Records.record("d1"))
    #expect(try records.open().map(\.runID) == ["d1", "d2"])
    record.finished = record.started
    record.apps = ["note-aaaaaa.ci.localhost"]
    try directory.write(record)
    #expect(try records.open().map(\.runID) == ["d1", "d2"], "it has an app still")
    record.apps = []
    try directory.write(record)
    #expect(try records.open().map(\.runID) == ["d1"])
    #expect(try Files.status(directory.openMark) == nil)
    // A mark that a crash left beside a closed record goes when it is seen.
    try Files.write([], to: directory.openMark)
    #expect(try records.open().map(\.runID) == ["d1"])
    #expect(try Files.status(directory.openMark) == nil)
    #expect(try !directory.create(), "the id is taken")
    #expect(try Files.status(directory.openMark) == nil)
  }

  @Test func `many commands that start for the first time at once find one id`() async throws {
    let folder = try TemporaryFolder()
    for round in 0..<20 {
      let shelf = folder("shelf\(round)")
      let ids = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<16 { group.addTask { try Instance.onShelf(shelf).id } }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
    }
  }

  @Test func `an installation has one id, made by whoever comes first`() throws {
    let folder = try TemporaryFolder()
    let made = try Instance.onShelf(folder("shelf"))
    #expect(made.id.count == 12 && made.id.allSatisfy(\.isHexDigit))
    #expect(try Instance.onShelf(folder("shelf")) == made && Instance.ifPresent(folder("shelf")) == made)
    #expect(try Instance.ifPresent(folder("other")) == nil && Files.status(folder("other")) == nil)
    try Files.write(Array("{}".utf8), to: folder("shelf/instance.json"))
    #expect(throws: Failure.self) { try Instance.onShelf(folder("shelf")) }.map { #expect($0.code == .badData) }
  }
}

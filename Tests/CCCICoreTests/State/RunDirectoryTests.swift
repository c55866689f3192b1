import CCCICore
import FoundationEssentials
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
    #expect(try records.ids() == [] && records.newest() == nil)
    for (id, seconds) in [("d9", 0.0), ("d10", 60), ("a", 60), ("m-1", -60)] {
      let directory = RunDirectory(runs: records.runs, id: id)
      _ = try directory.create()
      try directory.write(Records.record(id, started: Records.start.addingTimeInterval(seconds)))
    }
    for name in [".hidden", "claims", "empty", "broken"] { try Files.createDirectory(folder("runs/\(name)")) }
    try Files.write([1], to: folder("runs/broken/run.json"))
    try Files.write([1], to: folder("runs/file"))
    #expect(try records.all().map(\.runID) == ["m-1", "d9", "a", "d10"] && records.newest()?.runID == "d10")
    #expect(try records.ids() == ["a", "broken", "d10", "d9", "empty", "m-1"])
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
    #expect(try Instance.onShelf(folder("shelf")) == made)
    try Files.write(Array("{}".utf8), to: folder("shelf/instance.json"))
    #expect(throws: Failure.self) { try Instance.onShelf(folder("shelf")) }.map { #expect($0.code == .badData) }
  }
}

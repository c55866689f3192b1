import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite("The disk's budget and the age of records")
struct DiskBudgetTests {
  private static let budget = DiskBudget(warn: 75, act: 85, refuse: 93, floor: 1 << 30)

  private static func space(used: Double, inodes: Double = 0, free: UInt64 = 8 << 30) -> DiskSpace {
    DiskSpace(total: 100 << 30, free: free, used: used, inodes: 1000, inodesFree: 10, inodesUsed: inodes)
  }

  /// Used bytes and inodes, the free MiB, and the verdict.
  private static let table: [(Double, Double, UInt64, DiskBudget.Verdict)] = [
    (0.10, 0.10, 8192, .fine), (0.749, 0, 8192, .fine), (0.75, 0, 8192, .warn), (0.10, 0.76, 8192, .warn), (0.85, 0, 8192, .act),
    (0.10, 0.90, 8192, .act), (0.93, 0, 8192, .refuse), (0, 0.99, 8192, .refuse), (0.10, 0.10, 1023, .refuse), (0.10, 0.10, 1024, .fine),
  ]

  @Test("bytes or inodes, whichever are fuller, and never less than the floor")
  func judges() {
    for (used, inodes, free, verdict) in Self.table {
      #expect(Self.budget.judge(Self.space(used: used, inodes: inodes, free: free << 20)) == verdict, "\(used) \(inodes) \(free)")
    }
  }

  @Test("what is said names what is scarce")
  func words() {
    #expect(DiskBudget.words(Self.space(used: 0.911, inodes: 0.2)) == "91 % of bytes in use, 8192 MiB free")
    #expect(DiskBudget.words(Self.space(used: 0.2, inodes: 0.99)) == "99 % of inodes in use, 8192 MiB free")
  }

  @Test("closed records go by age, oldest first; open ones, others' folders and young ones stay")
  func retention() throws {
    let folder = try TemporaryFolder()
    let runs = folder("runs")
    for (id, age) in [("d1", 100), ("d2", 95), ("d3", 10), ("kept", 200)] {
      let directory = RunDirectory(runs: runs, id: id)
      _ = try directory.create()
      var record = Records.record(id)
      record.finished = record.started
      if id == "kept" { record.apps = ["note-aaaaaa.ci.localhost"] }
      try directory.write(record)
      #expect(utimes(directory.record, at: Date(timeIntervalSinceNow: -Double(age) * 86_400)))
    }
    try Files.createDirectory("\(runs)/somebody")
    try Files.write([1], to: "\(runs)/somebody/file")
    let retention = RecordRetention(runs: runs, now: Date())
    let dry = try retention.pass(olderThan: .seconds(90 * 86_400), because: "older than 90d", isDry: true)
    #expect(dry.map { "\($0.decision) \($0.name)" } == ["would remove d1", "would remove d2"])
    #expect(try RunRecords(runs: runs).ids() == ["d1", "d2", "d3", "kept", "somebody"])
    let done = try retention.pass(olderThan: .seconds(90 * 86_400), because: "older than 90d", isDry: false)
    #expect(done.map { "\($0.decision) \($0.name)" } == ["removed d1", "removed d2"] && done.allSatisfy { $0.leftovers.isEmpty })
    #expect(try RunRecords(runs: runs).ids() == ["d3", "kept", "somebody"])
  }

  private func utimes(_ path: String, at date: Date) -> Bool {
    let seconds = Int(date.timeIntervalSince1970)
    return Glibc.utimes(path, [timeval(tv_sec: seconds, tv_usec: 0), timeval(tv_sec: seconds, tv_usec: 0)]) == 0
  }
}

import FoundationEssentials

/// Everything a run has found out so far, with its record on disk. The results are made of it at the end, however the end comes.
public final class Ledger: Sendable {
  struct Entries {
    var record: RunRecord
    var timings: [String: Double] = [:]
    var tiers: [TierResult] = []
    var warnings: [String] = []
    var orphansRemoved: [String] = []
    var proved: [String: Proof] = [:]
    var logTail: [String] = []
    /// Planted before the backup, looked at after the restore.
    var canaries: [Canary] = []
    var deploys = 0
    var expectedDeploys = 1
    var version: String?
    var head: CommitID?
    var base: UpgradeBase?
    var baseVersion: String?
    var lint: Results.Lint?
    var abraVersion = ""
    /// What `deps.json` says: recipe → facts.
    var dependencies: [String: DependencyFacts] = [:]
    /// What abra generated: app → secret → value. In memory only.
    var secrets: [String: [String: String]] = [:]
    /// What the recipe's own `tests/` hold.
    var repoLocal: OverlayPlan?
  }

  let directory: RunDirectory
  private let entries: Locked<Entries>
  private let writing = Locked(false)

  init(directory: RunDirectory, record: RunRecord) {
    self.directory = directory
    self.entries = Locked(Entries(record: record))
  }

  var now: Entries { entries.withLock { $0 } }

  func note(_ change: @Sendable (inout Entries) -> Void) { entries.withLock { change(&$0) } }

  var canaries: [Canary] { entries.withLock { $0.canaries } }

  func warn(_ text: String) { note { $0.warnings.append(text) } }

  /// Changes the record and writes it: before the side effect that it announces. One writer at a time, so that no older state comes last.
  func record(at time: Date, _ change: @Sendable (inout RunRecord) -> Void) throws(Failure) {
    try writing.withLock { (_: inout Bool) throws(Failure) in
      let record = entries.withLock { entries in
        change(&entries.record)
        entries.record.heartbeat = time
        return entries.record
      }
      try directory.write(record)
    }
  }

  /// A sign of life in the record, every 10 s until the task is cancelled. A record that cannot be written is said at the next step.
  func beat(_ host: Host) async {
    while true {
      do throws(Failure) {
        try await host.sleep(.seconds(10))
        try record(at: host.now()) { _ in }
      } catch {
        if error == .cancelled { return }
      }
    }
  }

  /// Adds the time that a step took to its phase.
  func timed<Value>(_ phase: String, _ body: () async throws(Failure) -> Value) async throws(Failure) -> Value {
    let start = ContinuousClock.now
    defer { add(phase, ContinuousClock.now - start) }
    return try await body()
  }

  func add(_ phase: String, _ duration: Duration) { note { $0.timings[phase, default: 0] += duration.seconds } }
}

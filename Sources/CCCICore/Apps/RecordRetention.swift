public import FoundationEssentials

/// Removes run records that nobody will ask for any more. Records of kept and unfinished runs stay.
public struct RecordRetention: Sendable {
  public let runs: String
  public let now: Date

  public init(runs: String, now: Date) {
    self.runs = runs
    self.now = now
  }

  /// Closed records whose last change is older than `age`, oldest first; removed unless it is a dry run.
  public func pass(olderThan age: Duration, because: String, isDry: Bool) throws(Failure) -> [SweepFinding] {
    var old: [(id: String, changed: Date)] = []
    for id in try RunRecords(runs: runs).ids() {
      let directory = RunDirectory(runs: runs, id: id)
      let isMarked = try Files.status(directory.openMark) != nil
      let record = try Files.status(directory.record)
      // Closed, or killed before it had a record; a folder with neither may be anybody's.
      let folder = try Files.status(directory.path)
      guard isMarked != (record != nil), let changed = (record ?? folder)?.mtime else { continue }
      if now.timeIntervalSince(changed) > age.seconds { old.append((id, changed)) }
    }
    return old.sorted { ($0.changed, $0.id) < ($1.changed, $1.id) }.map { remove($0.id, because, isDry) }
  }

  private func remove(_ id: String, _ because: String, _ isDry: Bool) -> SweepFinding {
    guard !isDry else { return SweepFinding(.record, id, "would remove", because: because) }
    let directory = RunDirectory(runs: runs, id: id)
    let path = directory.path
    do throws(Failure) {
      try Files.removeTree(path)
      _ = try Files.remove(directory.openMark)
      return SweepFinding(.record, id, "removed", because: because)
    } catch {
      return SweepFinding(.record, id, "left behind", because: error.sentence, leftovers: [path])
    }
  }
}

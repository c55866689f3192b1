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
    let records = RunRecords(runs: runs)
    // First: a run that ends while the folders are read is still one that is marked.
    let marks = try records.marks()
    var old: [(id: String, changed: Date)] = []
    for folder in try records.folders() {
      let record = try Files.status(RunDirectory(runs: runs, id: folder.name).record)
      // Closed, or killed before it had a record; a folder with neither may be anybody's.
      guard marks.contains(folder.name) != (record != nil) else { continue }
      let changed = record?.mtime ?? folder.changed
      if now.timeIntervalSince(changed) > age.seconds { old.append((folder.name, changed)) }
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

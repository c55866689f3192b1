public import FoundationEssentials

/// The folder of all run records.
public struct RunRecords: Sendable {
  public let runs: String

  public init(runs: String) { self.runs = runs }

  /// Every folder that may hold a record, in no order; empty when there is none yet.
  public func folders() throws(Failure) -> [FolderEntry] {
    guard try Files.status(runs) != nil else { return [] }
    return try Files.folders(in: runs).filter { !$0.name.hasPrefix(".") && $0.name != "claims" }
  }

  /// Every id, in the order of names; empty when there is no folder yet.
  public func ids() throws(Failure) -> [String] {
    try folders().map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Every record that can be read, oldest first. A folder without a record, or with one of an unknown form, is passed over.
  public func all() throws(Failure) -> [RunRecord] {
    var records: [RunRecord] = []
    for id in try ids() {
      if let record = try readable(id) { records.append(record) }
    }
    return records.sorted { ($0.started, $0.runID) < ($1.started, $1.runID) }
  }

  /// A record, or that there is one which cannot be read.
  public struct Entry: Sendable {
    public var id: String
    /// When the run began; of a record that cannot be read, when its folder was last changed.
    public var started: Date
    /// nil for one that cannot be read.
    public var record: RunRecord?
  }

  /// At most so many records that can be read, by their start, the newest first. Few others are read.
  public func newest(_ count: Int, where isWanted: (RunRecord) -> Bool = { _ in true }) throws(Failure) -> [RunRecord] {
    try newestEntries(count) { $0.record.map(isWanted) ?? false }.compactMap(\.record)
  }

  /// The same with those that cannot be read.
  public func newestEntries(_ count: Int, where isWanted: (Entry) -> Bool = { _ in true }) throws(Failure) -> [Entry] {
    guard count > 0 else { return [] }
    var entries: [Entry] = []
    for folder in try folders().sorted(by: { $0.changed > $1.changed }) {
      // Every write of a record changes its folder, so none of those that follow began later than this.
      if entries.count == count, folder.changed < entries[count - 1].started { break }
      guard let entry = try entry(folder), isWanted(entry) else { continue }
      // The clock went back since, or the folder was given another time: then times of folders say nothing.
      guard entry.started <= folder.changed else { return try allEntries().filter(isWanted).suffix(count).reversed() }
      let place = entries.lastIndex { ($0.started, $0.id) > (entry.started, entry.id) }.map { $0 + 1 } ?? 0
      entries.insert(entry, at: place)
      if entries.count > count { entries.removeLast() }
    }
    return entries
  }

  private func allEntries() throws(Failure) -> [Entry] {
    var entries: [Entry] = []
    for folder in try folders() {
      if let entry = try entry(folder) { entries.append(entry) }
    }
    return entries.sorted { ($0.started, $0.id) < ($1.started, $1.id) }
  }

  /// nil for a folder without a record.
  private func entry(_ folder: FolderEntry) throws(Failure) -> Entry? {
    do throws(Failure) {
      return try RunDirectory(runs: runs, id: folder.name).readRecord().map { Entry(id: $0.runID, started: $0.started, record: $0) }
    } catch  where error.code == .badData { return Entry(id: folder.name, started: folder.changed) }
  }

  /// The records of runs that began then or later, in no order. Older ones are not read.
  public func since(_ date: Date) throws(Failure) -> [RunRecord] {
    var records: [RunRecord] = []
    for folder in try folders() where folder.changed >= date {
      if let record = try readable(folder.name), record.started >= date { records.append(record) }
    }
    return records
  }

  /// nil for a folder without a record, and for one of an unknown form.
  private func readable(_ id: String) throws(Failure) -> RunRecord? {
    do throws(Failure) { return try RunDirectory(runs: runs, id: id).readRecord() } catch  where error.code == .badData { return nil }
  }

  /// The folder of the marks of open records.
  public var openMarks: String { "\(runs)/.open" }

  /// The ids whose marks stand there.
  public func marks() throws(Failure) -> Set<String> {
    guard try Files.status(openMarks) != nil else { return [] }
    return Set(try Files.list(openMarks).filter { !$0.hasPrefix(".") })
  }

  /// Records of runs that have not ended, or ended and left an app, oldest first. Found by their marks: the cost does not grow with the closed ones.
  public func open() throws(Failure) -> [RunRecord] {
    var records: [RunRecord] = []
    for id in try marks() {
      let directory = RunDirectory(runs: runs, id: id)
      do throws(Failure) {
        guard let record = try directory.readRecord() else { continue }
        if record.isOpen { records.append(record) } else { _ = try Files.remove(directory.openMark) }
      } catch  where error.code == .badData { continue }
    }
    return records.sorted { ($0.started, $0.runID) < ($1.started, $1.runID) }
  }
}

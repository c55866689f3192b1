/// The folder of all run records.
public struct RunRecords: Sendable {
  public let runs: String

  public init(runs: String) { self.runs = runs }

  /// Every id, in the order of names; empty when there is no folder yet.
  public func ids() throws(Failure) -> [String] {
    guard try Files.status(runs) != nil else { return [] }
    var ids: [String] = []
    for name in try Files.list(runs) where !name.hasPrefix(".") && name != "claims" {
      if try Files.status("\(runs)/\(name)")?.kind == .directory { ids.append(name) }
    }
    return ids
  }

  /// Every record that can be read, oldest first. A folder without a record, or with one of an unknown form, is passed over.
  public func all() throws(Failure) -> [RunRecord] {
    var records: [RunRecord] = []
    for id in try ids() {
      do throws(Failure) {
        if let record = try RunDirectory(runs: runs, id: id).readRecord() { records.append(record) }
      } catch  where error.code == .badData { continue }
    }
    return records.sorted { ($0.started, $0.runID) < ($1.started, $1.runID) }
  }

  /// The folder of the marks of open records.
  public var openMarks: String { "\(runs)/.open" }

  /// Records of runs that have not ended, or ended and left an app, oldest first. Found by their marks: the cost does not grow with the closed ones.
  public func open() throws(Failure) -> [RunRecord] {
    guard try Files.status(openMarks) != nil else { return [] }
    var records: [RunRecord] = []
    for id in try Files.list(openMarks) where !id.hasPrefix(".") {
      let directory = RunDirectory(runs: runs, id: id)
      do throws(Failure) {
        guard let record = try directory.readRecord() else { continue }
        if record.isOpen { records.append(record) } else { _ = try Files.remove(directory.openMark) }
      } catch  where error.code == .badData { continue }
    }
    return records.sorted { ($0.started, $0.runID) < ($1.started, $1.runID) }
  }

  /// The newest record, by its start.
  public func newest() throws(Failure) -> RunRecord? { try all().last }
}

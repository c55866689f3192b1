/// The folder of one run record, `<runs>/<run id>/`, and every path in it.
public struct RunDirectory: Sendable, Hashable {
  public let runs: String
  public let id: String

  public init(runs: String, id: String) {
    self.runs = runs
    self.id = id
  }

  public var path: String { "\(runs)/\(id)" }
  public var record: String { "\(path)/run.json" }
  public var results: String { "\(path)/results.json" }
  public var junit: String { "\(path)/junit" }
  public var logs: String { "\(path)/logs" }
  /// The run's own abra state directory.
  public var abra: String { "\(path)/abra" }
  /// The copy of this repository's `tests/`.
  public var tests: String { "\(path)/tests" }
  /// The recipe's own `tests/` at the tested commit, set aside right after the checkout.
  public var repoLocal: String { "\(path)/repo-local" }
  /// A pristine clone of the tested commit, for lint.
  public var lint: String { "\(path)/lint" }
  /// The newest published release, for the compose policy.
  public var published: String { "\(path)/published" }
  public var lintText: String { "\(path)/lint.txt" }
  public var opState: String { "\(path)/op-state.json" }
  public var deps: String { "\(path)/deps.json" }
  public var meta: String { "\(path)/meta.json" }
  /// Where downloads and hooks may write.
  public var work: String { "\(path)/work" }

  /// An empty file that stands there until the run has ended and left nothing: so that nobody has to read every record for the few open ones.
  public var openMark: String { "\(RunRecords(runs: runs).openMarks)/\(id)" }

  /// Makes the folder. False when a record of that id exists: the id belongs to another run.
  public func create() throws(Failure) -> Bool {
    try Files.createDirectory(runs, mode: 0o755)
    guard try Files.status(path) == nil else { return false }
    // First: a record without its mark would be found by nobody.
    try Files.createDirectory(RunRecords(runs: runs).openMarks, mode: 0o755)
    try Files.write([], to: openMark)
    guard try Files.createExclusively(directory: path, mode: 0o750) else { return false }
    for folder in [junit, logs, work] { try Files.createDirectory(folder, mode: 0o750) }
    return true
  }

  /// A record that has nothing to come any more loses its mark.
  public func write(_ record: RunRecord) throws(Failure) {
    try Files.write(JSONCoding.encode(record), to: self.record)
    if !record.isOpen { _ = try Files.remove(openMark) }
  }

  public func write(_ results: Results) throws(Failure) { try Files.write(JSONCoding.encode(results), to: self.results) }

  /// Removes what the record does not need once the run has ended: clones, downloads, and the credentials of dependencies.
  public func dropCopies() throws(Failure) {
    for folder in [abra, lint, published, work] where try Files.status(folder) != nil { try Files.removeTree(folder) }
    _ = try Files.remove(deps)
  }

  public func readResults() throws(Failure) -> Results? {
    guard let bytes = try Files.readIfPresent(results) else { return nil }
    return try JSONCoding.decode(Results.self, from: bytes, path: results)
  }

  public func readRecord() throws(Failure) -> RunRecord? {
    guard let bytes = try Files.readIfPresent(record) else { return nil }
    return try JSONCoding.decode(RunRecord.self, from: bytes, path: record)
  }
}

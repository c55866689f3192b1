public import FoundationEssentials

/// `<shelf>/<app>/reconcile.json`: how far the pass over a shared app came. Written before each step, so that a kill at any moment tells the next
/// pass where to go on.
public struct ReconcileState: Sendable, Equatable, Codable, StateFile {
  public enum Step: String, Sendable, Codable, CaseIterable {
    /// Nothing is under way.
    case idle
    /// `to` is deployed where nothing ran.
    case starting
    /// `to`, which ran already, is deployed again.
    case repairing
    /// `from` is undeployed and saved; `to` has not seen the data yet.
    case saving
    /// `to` is deployed, or watched; it may have changed the data.
    case proving
    /// The data of `from` is put back.
    case restoring
    /// `from` is deployed on its own data again, or watched.
    case recovering
  }

  /// How a pass ended.
  public enum Result: String, Sendable, Codable, CaseIterable {
    case current, started, repaired, held, applied
    case rolledBack = "rolled-back"
    case rollbackFailed = "rollback-failed"
    case unhealthy
  }

  public var schema = 1
  public var app: String
  public var step: Step
  /// The version that was healthy before.
  public var from: String?
  /// The version that is to run.
  public var to: String?
  /// Id of the snapshot of `from`; nil for a stateless app, or before it is taken.
  public var snapshot: String?
  /// How often this step was begun.
  public var attempts: Int
  /// Versions that were rolled back here: not tried again.
  public var rejected: [String]
  public var last: Result?
  /// One sentence about it.
  public var says: String?
  /// Of the last change.
  public var ts: Date

  public init(app: String, ts: Date) {
    self.app = app
    step = .idle
    attempts = 0
    rejected = []
    self.ts = ts
  }

  /// What comes next, from any state.
  public enum Next: Sendable, Equatable {
    /// Nothing is unfinished.
    case decide
    case start(RecipeVersion)
    case repair(RecipeVersion)
    /// Undeploy, save, deploy `to`.
    case save(from: RecipeVersion, to: RecipeVersion)
    /// Deploy `to` again and watch it.
    case prove(from: RecipeVersion, to: RecipeVersion)
    /// Put the data of `from` back.
    case restore(from: RecipeVersion, to: RecipeVersion)
    /// Deploy `from` again: its data is back.
    case recover(from: RecipeVersion, to: RecipeVersion)
  }

  /// How often a version may be begun before it is rolled back: one that takes the host down with it would be tried at every boot.
  public static let patience = 3

  /// - Throws: `badData` for a state that no pass writes.
  public func next() throws(Failure) -> Next {
    let (from, to) = (from.flatMap { RecipeVersion($0) }, to.flatMap { RecipeVersion($0) })
    switch (step, from, to) {
    case (.idle, _, _): return .decide
    case (.starting, _, let to?): return .start(to)
    case (.repairing, _, let to?): return .repair(to)
    case (.saving, let from?, let to?): return .save(from: from, to: to)
    case (.proving, let from?, let to?): return attempts < Self.patience ? .prove(from: from, to: to) : .restore(from: from, to: to)
    case (.restoring, let from?, let to?): return .restore(from: from, to: to)
    case (.recovering, let from?, let to?): return .recover(from: from, to: to)
    case (.starting, _, nil), (.repairing, _, nil), (.saving, _, _), (.proving, _, _), (.restoring, _, _), (.recovering, _, _):
      throw Failure(
        .badData, "reconcile.json of \(app): step \(step.rawValue) names no versions",
        next: "bring the app up by hand, then remove the file")
    }
  }

  /// The same at another step. A step that is begun again counts.
  public func entering(_ step: Step, at time: Date) -> ReconcileState {
    var state = self
    state.attempts = step == self.step ? attempts + 1 : 1
    (state.step, state.ts) = (step, time)
    return state
  }

  /// The same with its pass at an end. What was rejected stays.
  public func ended(_ result: Result, _ says: String, at time: Date) -> ReconcileState {
    var state = ReconcileState(app: app, ts: time)
    (state.rejected, state.last, state.says) = (rejected, result, says)
    return state
  }

  /// The same with a version that is not to be tried again.
  public func rejecting(_ version: String) -> ReconcileState {
    var state = self
    if !rejected.contains(version) { state.rejected.append(version) }
    return state
  }
}

extension ShelfFolder {
  public var reconcileState: String { "\(path)/reconcile.json" }
  public var lastGood: String { "\(path)/last_good" }

  public func readReconcileState() throws(Failure) -> ReconcileState? {
    guard let bytes = try Files.readIfPresent(reconcileState) else { return nil }
    return try JSONCoding.decode(ReconcileState.self, from: bytes, path: reconcileState)
  }

  /// Written by whoever holds the app's lock.
  public func write(_ state: ReconcileState) throws(Failure) {
    try Files.createDirectory(path, mode: 0o700)
    try Files.write(JSONCoding.encode(state), to: reconcileState)
  }

  /// The version on which a shared app was last healthy.
  public func readLastGood() throws(Failure) -> RecipeVersion? {
    guard let bytes = try Files.readIfPresent(lastGood) else { return nil }
    let line = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    guard let version = RecipeVersion(line) else {
      throw Failure(.badData, "\(lastGood): \"\(line.prefix(80))\" is no version", next: "write the version that was last healthy")
    }
    return version
  }

  public func write(lastGood version: RecipeVersion) throws(Failure) {
    try Files.createDirectory(path, mode: 0o700)
    try Files.write(Array("\(version)\n".utf8), to: lastGood)
  }
}

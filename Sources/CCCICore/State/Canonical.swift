public import FoundationEssentials

/// `<shelf>/<name>/canonical.json`: how the working copy of a warmed recipe stands. Version and commit are told by the snapshot, which moves with its
/// data; here they are repeated for whoever lists the shelf.
public struct Canonical: Sendable, Equatable, Codable, StateFile {
  public enum Status: String, Sendable, Codable {
    /// The volumes hold the known-good.
    case idle
    /// They hold something else, or nobody knows: they are rebuilt from the snapshot before they are used.
    case dirty
    /// A new known-good is being made.
    case promoting
    /// The snapshot cannot be used: its secrets were lost.
    case void
  }
  public var schema = 1
  public var recipe: String
  public var domain: String
  /// nil as long as there is no known-good.
  public var version: String?
  public var commit: String?
  public var status: Status
  /// Of the last change.
  public var ts: Date
  /// The run that made it.
  public var run: String?
  /// Since when its recipe is not warmed any more; nil while it is.
  public var unwarmed: Date?

  public init(
    recipe: String, domain: String, version: String? = nil, commit: String? = nil, status: Status, ts: Date, run: String? = nil
  ) {
    self.recipe = recipe
    self.domain = domain
    self.version = version
    self.commit = commit
    self.status = status
    self.ts = ts
    self.run = run
  }

  /// The same with what the snapshot tells, which alone is the truth.
  public func agreeing(with meta: SnapshotMeta?) -> Canonical {
    var canonical = self
    (canonical.version, canonical.commit) = (meta?.version, meta?.commit)
    return canonical
  }
}

extension ShelfFolder {
  public var canonical: String { "\(path)/canonical.json" }

  /// How the working copy stands, its version taken from the snapshot; nil for an app that is no canonical.
  public func readCanonical() throws(Failure) -> Canonical? {
    guard let bytes = try Files.readIfPresent(canonical) else { return nil }
    return try JSONCoding.decode(Canonical.self, from: bytes, path: canonical).agreeing(with: try readMeta())
  }

  /// Written by whoever holds the app's lock.
  public func write(_ value: Canonical) throws(Failure) {
    try Files.createDirectory(path, mode: 0o700)
    try Files.write(JSONCoding.encode(value.agreeing(with: try readMeta())), to: canonical)
  }

  /// Changes the status alone; nothing happens where there is no canonical. What is void does not become usable by being dirty.
  public func mark(_ status: Canonical.Status, run: String?, at time: Date) throws(Failure) {
    guard var value = try readCanonical(), !(value.status == .void && status == .dirty) else { return }
    (value.status, value.ts) = (status, time)
    value.run = run ?? value.run
    try write(value)
  }
}

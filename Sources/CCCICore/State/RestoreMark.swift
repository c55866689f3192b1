public import FoundationEssentials

/// `restore.json`: the volumes are being put back. Whoever finds it repeats the whole restore before anything is deployed from them.
public struct RestoreMark: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  /// Id of the snapshot.
  public var snapshot: String
  public var volumes: [String]
  public var state = "running"
  public var started: Date

  public init(snapshot: String, volumes: [String], started: Date) {
    self.snapshot = snapshot
    self.volumes = volumes
    self.started = started
  }
}

public import FoundationEssentials

/// `alerts/<id>.json`: something that a person must know. A sentinel: that the file is there is the message.
public struct Alert: Sendable, Equatable, Codable, StateFile {
  public enum Reason: String, Sendable, Equatable, Codable, CaseIterable {
    case rollback
    case rollbackFailed = "rollback-failed"
    case heldMajor = "held-major"
    case heldManualMigration = "held-manual-migration"
    case unhealthy, disk, leftover
    case sweepEmpty = "sweep-empty"
    case promoteFailed = "promote-failed"
    case secretsLost = "secrets-lost"
    case retirement, postponed
  }

  public var schema = 1
  /// The app on the shelf, or what else it is about: `keycloak`, `host`.
  public var app: String
  public var reason: Reason
  /// One sentence, lower case, without a full stop.
  public var says: String
  public var fromVersion: String?
  public var toVersion: String?
  public var releaseNotes: String?
  public var ts: Date
  /// What the reason needs besides, such as `attempted`, `recovered`, `run`.
  public var details: [String: String]

  enum CodingKeys: String, CodingKey {
    case schema, app, reason, says, ts, details
    case fromVersion = "from_version"
    case toVersion = "to_version"
    case releaseNotes = "release_notes"
  }

  public init(
    app: String, reason: Reason, says: String, fromVersion: String? = nil, toVersion: String? = nil, releaseNotes: String? = nil, ts: Date,
    details: [String: String] = [:]
  ) {
    self.app = app
    self.reason = reason
    self.says = says
    self.fromVersion = fromVersion
    self.toVersion = toVersion
    self.releaseNotes = releaseNotes
    self.ts = ts
    self.details = details
  }

  /// Whether this says again what the other has said: one alert an app, reason and version, until somebody acknowledges it.
  public func repeats(_ other: Alert) -> Bool {
    app == other.app && reason == other.reason && (toVersion ?? fromVersion) == (other.toVersion ?? other.fromVersion)
  }
}

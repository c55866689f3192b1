/// What is asserted of every recipe, with no configuration. The raw value is the test's name in the results.
public enum GenericAssertion: String, Sendable, Hashable, CaseIterable, Codable {
  case installDeployed = "install deployed"
  case installConverged = "install converged"
  case installServing = "install serving"
  case installVersion = "install version"
  case upgradeDeployed = "upgrade deployed"
  case upgradeFinished = "upgrade finished"
  case upgradeCommit = "upgrade commit"
  case upgradeImages = "upgrade images"
  case upgradeServing = "upgrade serving"
  case upgradeData = "upgrade data"
  case backupCreated = "backup created"
  case backupComplete = "backup complete"
  case restoreDone = "restore done"
  case restoreData = "restore data"
  case restoreServing = "restore serving"

  public var tier: Tier {
    switch self {
    case .installDeployed, .installConverged, .installServing, .installVersion: .install
    case .upgradeDeployed, .upgradeFinished, .upgradeCommit, .upgradeImages, .upgradeServing, .upgradeData: .upgrade
    case .backupCreated, .backupComplete: .backup
    case .restoreDone, .restoreData, .restoreServing: .restore
    }
  }

  public static func of(_ tier: Tier) -> [GenericAssertion] { allCases.filter { $0.tier == tier } }

  /// What it asserts, for `plan`.
  public var meaning: String {
    switch self {
    case .installDeployed: "abra applies the one deploy"
    case .installConverged: "every service is at its desired count"
    case .installServing: "the app answers over HTTPS with an accepted status"
    case .installVersion: "the version label is the wanted one"
    case .upgradeDeployed: "abra applies the head in place"
    case .upgradeFinished: "swarm finished the update: not paused, not rolled back"
    case .upgradeCommit: "the chaos-version label is the head's commit"
    case .upgradeImages: "every service runs the image that the head names"
    case .upgradeServing: "the app answers again"
    case .upgradeData: "no volume lost its data"
    case .backupCreated: "abra takes a backup and names its snapshot"
    case .backupComplete: "every path that the labels name is in the snapshot"
    case .restoreDone: "abra restores this run's snapshot"
    case .restoreData: "what was damaged before the restore is back"
    case .restoreServing: "the app answers again"
    }
  }
}

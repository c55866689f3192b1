/// How far up a recipe got, beside the verdict and never changing it: the highest rung below which every rung passed or was skipped.
public enum Level {
  public static let rungs = ["install", "upgrade", "backup_restore", "custom", "lint"]

  /// Each rung with its outcome.
  ///
  /// - Parameters:
  ///   - proved: what the restore tier showed; `nothing` passes the tier but not its rung.
  ///   - lint: nil when lint was not run.
  public static func rungs(tiers: [TierResult], proved: Proof?, lint: Outcome?) -> [String: Outcome] {
    func outcome(_ tier: Tier) -> Outcome { tiers.first { $0.tier == tier }?.outcome ?? .error }
    let pair = [outcome(.backup), outcome(.restore)]
    var both: Outcome = pair.contains(.fail) ? .fail : pair.contains(.error) ? .error : pair.contains(.skip) ? .skip : .pass
    let isUnproved = outcome(.restore) == .pass && (proved == nil || proved == .nothing)
    if isUnproved, both == .pass || both == .skip { both = .fail }
    return [
      "install": outcome(.install), "upgrade": outcome(.upgrade), "backup_restore": both, "custom": outcome(.custom),
      "lint": lint ?? .error,
    ]
  }

  /// 0 when not even install passed, else 1…5.
  public static func of(_ outcomes: [String: Outcome]) -> Int {
    var level = 0
    for rung in rungs {
      guard let outcome = outcomes[rung], outcome == .pass || (outcome == .skip && rung != "install") else { break }
      level += 1
    }
    return level
  }
}

/// What a tier showed about data.
public enum Proof: String, Sendable, Hashable, Codable {
  /// The application's own data was read back.
  case data
  /// Canary files were as they had to be.
  case files
  case nothing
}

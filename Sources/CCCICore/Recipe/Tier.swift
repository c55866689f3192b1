/// A stage of a recipe's life, in the order in which a run walks it.
public enum Tier: String, Sendable, Hashable, CaseIterable, Codable, Comparable {
  case install, upgrade, backup, restore, custom

  public static func < (left: Tier, right: Tier) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .install: 0
    case .upgrade: 1
    case .backup: 2
    case .restore: 3
    case .custom: 4
    }
  }

  /// Reads `install,upgrade`, in any order, each at most once. Throws `usage` naming the nearest tier.
  public static func list(_ text: String) throws(Failure) -> [Tier] {
    var tiers: [Tier] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard let tier = Tier(rawValue: part) else {
        let known = allCases.map(\.rawValue)
        let near = Nearest.name(to: part, among: known).map { "did you mean \($0)? " } ?? ""
        throw Failure(.usage, "tiers: \"\(part)\" is no tier", next: "\(near)tiers are \(known.joined(separator: ", "))")
      }
      guard !tiers.contains(tier) else { throw Failure(.usage, "tiers: \(part) is named twice", next: "name each tier once") }
      tiers.append(tier)
    }
    guard tiers.contains(.install) else {
      throw Failure(
        .usage, "tiers: \(text)", why: "every run begins with install", next: "--tiers install\(text.isEmpty ? "" : ",\(text)")")
    }
    guard !tiers.contains(.restore) || tiers.contains(.backup) else {
      throw Failure(.usage, "tiers: \(text)", why: "restore needs the snapshot that backup takes", next: "add backup to --tiers")
    }
    return tiers.sorted()
  }
}

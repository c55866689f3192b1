import FoundationEssentials

/// The search for a build that may have been made.
enum BuildSearch {
  /// How many builds are asked for, and for how long at least, before a trigger is given up.
  static let attempts = 5
  static let patience = 6 * 3600.0

  /// Seconds before the next is asked for.
  static func pause(after attempts: Int) -> Double { min(600, 15 * Double(1 << min(max(attempts, 0), 10))) }

  /// Drone's clock and ours may differ by so much.
  static let slack = 900.0
  static let pages = 100

  /// The newest build of the key on a page, newest first: a restart in Drone repeats the key.
  static func find(_ key: String, among page: [DroneBuild]) -> DroneBuild? { page.first { $0.params["CCCI_TRIGGER"] == key } }

  /// Whether an older page may still hold it.
  static func goesOn(_ page: [DroneBuild], asked: Date) -> Bool {
    guard let oldest = page.last?.created, page.count >= 25 else { return !page.isEmpty && page.count >= 25 }
    return oldest > asked.addingTimeInterval(-slack)
  }

  enum Outcome: Equatable {
    case found(Int)
    /// To be asked again later.
    case unsure
    /// There is none, and there will be none.
    case none
  }

  /// - Parameter searches: how often it was looked, this time included.
  static func outcome(_ found: DroneBuild?, searches: Int) -> Outcome {
    if let found { return .found(found.number) }
    return searches >= TriggerStep.searches.count ? .none : .unsure
  }
}

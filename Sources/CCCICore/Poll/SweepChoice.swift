import FoundationEssentials

/// What the night's sweep does with a recipe. Pure.
public enum SweepChoice: Sendable, Equatable {
  /// Of this version, the newest published one.
  case build(RecipeVersion)
  /// Why not: no failure.
  case skip(String)

  /// - Parameters:
  ///   - newest: published upstream at this moment; nil for none.
  ///   - tested: by the last sweep that had a build of it.
  ///   - onlyNewer: `[nightly] only_newer`.
  public static func of(newest: RecipeVersion?, tested: RecipeVersion?, onlyNewer: Bool) -> SweepChoice {
    guard let newest else { return .skip("has no published version") }
    guard onlyNewer, let tested, newest <= tested else { return .build(newest) }
    return .skip("\(tested) was tested already, and [nightly] only_newer is set")
  }

  /// One build a version and day: a red one is tried again tomorrow, when what it stands on may be mended.
  ///
  /// - Parameter day: `2026-03-01`.
  static func key(_ recipe: RecipeName, _ version: RecipeVersion, day: String) -> String { "sweep/\(recipe)@\(version)@\(day)" }

  /// Whoever was tested longest ago comes first, so that a night that is too short leaves out others than the night before.
  static func order(_ recipes: [RecipeName], _ memory: SweepMemory) -> [RecipeName] {
    let last = { (recipe: RecipeName) in memory.recipes[recipe.text]?.ts ?? .distantPast }
    return recipes.sorted { (last($0), $0.text) < (last($1), $1.text) }
  }

  /// Whether a build that is asked for now begins at once, so that nobody comes to wait behind it.
  ///
  /// - Parameter rows: what waits or runs.
  static func isFree(_ rows: [DroneQueued], capacity: Int, now: Date) -> Bool {
    let pending = rows.contains { $0.status == .pending && !QueuePlace.isWedged($0, now) }
    return !pending && rows.count { $0.status == .running } < capacity
  }
}

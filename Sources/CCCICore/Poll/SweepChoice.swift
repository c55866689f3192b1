/// Whether the night's sweep has a build for a recipe. Pure.
public enum SweepChoice: Sendable, Equatable {
  /// Of this version, the newest published one.
  case build(RecipeVersion)
  /// Why not: no failure.
  case skip(String)

  /// - Parameters:
  ///   - newest: published upstream at this moment; nil for none.
  ///   - known: the known-good of its canonical; nil when there is none yet.
  public static func of(_ settings: RecipeSettings, newest: RecipeVersion?, known: RecipeVersion?) -> SweepChoice {
    guard settings.warmCanonical else { return .skip("is not warmed") }
    guard settings.requires.isEmpty else {
      return .skip("requires \(settings.requires.map(\.text).joined(separator: ", ")): warm data of such a recipe is not built yet")
    }
    guard let newest else { return .skip("has no published version") }
    guard let known, newest <= known else { return .build(newest) }
    return .skip("its known-good is the newest version, \(known)")
  }

  /// One build a version and day: a red one is tried again tomorrow, when what it stands on may be mended.
  ///
  /// - Parameter day: `2026-03-01`.
  static func key(_ recipe: RecipeName, _ version: RecipeVersion, day: String) -> String { "sweep/\(recipe)@\(version)@\(day)" }
}

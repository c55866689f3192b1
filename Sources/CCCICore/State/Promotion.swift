/// Whether the version of a run may become the known-good. Pure. A refusal is no fault of anybody: a pull request's build ends with one, too.
public enum Promotion {
  /// What is known now, beside the run.
  public struct Facts: Sendable {
    public var isWarmed: Bool
    /// What it cannot start without, and what each run brings up anew.
    public var requires: [String]
    /// `nil` for the newest published version; else the commit that was asked for.
    public var ref: String?
    /// Published upstream at this moment.
    public var newest: UpgradeBase.Release?
    /// The known-good, when there is one.
    public var knownGood: RecipeVersion?

    public init(isWarmed: Bool, requires: [String] = [], ref: String?, newest: UpgradeBase.Release?, knownGood: RecipeVersion?) {
      self.isWarmed = isWarmed
      self.requires = requires
      self.ref = ref
      self.newest = newest
      self.knownGood = knownGood
    }
  }

  public enum Answer: Sendable, Equatable {
    case allowed(UpgradeBase.Release)
    case refused(String)
  }

  public static func allowed(_ results: Results, _ facts: Facts) -> Answer {
    let recipe = results.recipe
    guard facts.isWarmed else { return .refused("\(recipe) is not warmed: warm_canonical is not set in its recipe.toml") }
    guard facts.requires.isEmpty else {
      return .refused(
        "\(recipe) requires \(facts.requires.joined(separator: ", ")), which each run brings up anew: its data would name one that is gone")
    }
    guard results.mode == .cold else { return .refused("a \(results.mode.rawValue) run moves nothing") }
    guard results.verdict == .green else { return .refused("the run was \(results.verdict.rawValue)") }
    guard facts.ref == nil, results.pr == nil else { return .refused("the run tested a commit that was named, no release") }
    guard let text = results.version, let version = RecipeVersion(text) else { return .refused("the run names no version") }
    guard let newest = facts.newest else { return .refused("\(recipe) has no published version any more") }
    guard newest.version == version else { return .refused("\(version) is not the newest published version: that is \(newest.version)") }
    guard newest.commit.text == results.ref else {
      return .refused(
        "the tag \(version) has moved since: it stands on \(newest.commit.short), the run tested \(results.ref?.prefix(8) ?? "nothing")")
    }
    if let known = facts.knownGood, version < known { return .refused("\(version) is older than the known-good \(known)") }
    return .allowed(newest)
  }
}

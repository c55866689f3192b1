/// What is to be done about an app that runs. Pure.
public enum UpgradeGate {
  public struct Facts: Sendable {
    public var running: RecipeVersion
    /// Published upstream now; nil when there is none.
    public var newest: RecipeVersion?
    /// Of every version after the running one, up to the newest, in order.
    public var notes: [Note]
    /// Versions that were rolled back here.
    public var rejected: [String]
    /// What differs from the settings, or does not serve.
    public var drift: [String]
    public var update: ReconcileSettings.Update

    public init(
      running: RecipeVersion, newest: RecipeVersion?, notes: [Note] = [], rejected: [String] = [], drift: [String] = [],
      update: ReconcileSettings.Update = .auto
    ) {
      self.running = running
      self.newest = newest
      self.notes = notes
      self.rejected = rejected
      self.drift = drift
      self.update = update
    }
  }

  public struct Note: Sendable, Equatable {
    public var version: RecipeVersion
    public var text: String

    public init(version: RecipeVersion, text: String) {
      self.version = version
      self.text = text
    }
  }

  public enum Hold: Sendable, Equatable {
    /// The first number of the recipe's version grows.
    case major
    /// The notes of that version say so, with that phrase.
    case manualMigration(version: RecipeVersion, phrase: String)
    /// It was rolled back here.
    case rejected
    /// The settings say so.
    case asked
  }

  public enum Decision: Sendable, Equatable {
    case current
    /// The right version, but not as it should be.
    case repair([String])
    /// Stays on the running version, although there is a newer one. What it lacks is repaired all the same.
    case hold(Hold, RecipeVersion, repair: [String])
    case apply(RecipeVersion)
  }

  public static func decide(_ facts: Facts) -> Decision {
    let stays: Decision = facts.drift.isEmpty ? .current : .repair(facts.drift)
    guard let newest = facts.newest, facts.running < newest else { return stays }
    let hold = { (hold: Hold) in Decision.hold(hold, newest, repair: facts.drift) }
    guard facts.update != .hold else { return hold(.asked) }
    guard !facts.rejected.contains(newest.text) else { return hold(.rejected) }
    guard newest.major <= facts.running.major else { return hold(.major) }
    for note in facts.notes where facts.running < note.version && note.version <= newest {
      if let phrase = NoteMarkers.first(in: note.text) { return hold(.manualMigration(version: note.version, phrase: phrase)) }
    }
    return .apply(newest)
  }
}

extension UpgradeGate.Decision {
  /// As `--json` has it.
  public var word: String {
    switch self {
    case .current: "current"
    case .repair: "repair"
    case .apply: "apply"
    case .hold(.major, _, _): "hold-major"
    case .hold(.manualMigration, _, _): "hold-manual-migration"
    case .hold(.rejected, _, _): "hold-rejected"
    case .hold(.asked, _, _): "hold"
    }
  }

  /// Why, for people.
  public var because: String {
    switch self {
    case .current: return "the newest version, as the settings say"
    case .repair(let reasons): return reasons.joined(separator: "; ")
    case .apply(let version): return "\(version) is newer"
    case .hold(let hold, let newest, let reasons):
      let why =
        switch hold {
        case .major: "\(newest) is a major version"
        case .manualMigration(let version, let phrase): "\(newest) is newer, and the notes of \(version) say \"\(phrase)\""
        case .rejected: "\(newest) was rolled back here"
        case .asked: "\(newest) is newer, and update is hold"
        }
      return ([why] + reasons).joined(separator: "; ")
    }
  }
}

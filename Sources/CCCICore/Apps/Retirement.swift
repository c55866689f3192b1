public import FoundationEssentials

/// Which canonicals go, because their recipes are warmed no longer. Pure.
public enum Retirement {
  /// Between the alert and the removal.
  public static let notice: Duration = .seconds(7 * 86_400)
  /// The same while the disk is filling, and nothing cheaper is left to remove.
  public static let pressed: Duration = .seconds(86_400)

  /// What `tests/` says.
  public enum Warmed: Sendable, Equatable {
    /// Recipes with `warm_canonical = true`, of all that have a folder.
    case known(Set<String>)
    /// One sentence.
    case unknown(String)
  }

  public struct Candidate: Sendable, Equatable {
    public var recipe: String
    /// Since when it is warmed no longer, as far as the passes before have seen it.
    public var unwarmed: Date?

    public init(recipe: String, unwarmed: Date?) {
      self.recipe = recipe
      self.unwarmed = unwarmed
    }
  }

  public enum Decision: Sendable, Equatable {
    case keep
    /// It was to go, and is warmed again.
    case warmedAgain
    /// First seen now: somebody is told.
    case noticed(goes: Date)
    case waiting(goes: Date)
    case retire(since: Date)
  }

  public enum Answer: Sendable, Equatable {
    /// One for each candidate.
    case decided([Decision])
    /// It looks like somebody's mistake: nothing goes, and no time begins.
    case refused(String)
  }

  public static func decide(_ candidates: [Candidate], warmed: Warmed, notice: Duration = notice, now: Date) -> Answer {
    let recipes: Set<String>
    switch warmed {
    case .known(let known): recipes = known
    case .unknown(let why): return .refused(why)
    }
    let going = candidates.count { !recipes.contains($0.recipe) }
    guard going < 2 || going * 3 <= candidates.count else {
      return .refused("\(going) of \(candidates.count) canonicals are of recipes that are not warmed any more: more than a third at once")
    }
    return .decided(
      candidates.map { candidate in
        guard !recipes.contains(candidate.recipe) else { return candidate.unwarmed == nil ? .keep : .warmedAgain }
        guard let since = candidate.unwarmed else { return .noticed(goes: now.addingTimeInterval(notice.seconds)) }
        let goes = since.addingTimeInterval(notice.seconds)
        return now < goes ? .waiting(goes: goes) : .retire(since: since)
      })
  }
}

extension Retirement.Warmed {
  /// Reads every `recipe.toml` below `tests/`. One that cannot be read makes all of it unknown: its recipe may be warmed.
  public static func read(_ tests: String) throws(Failure) -> Retirement.Warmed {
    guard try Files.status(tests)?.kind == .directory else { return .unknown("\(tests): no such folder") }
    var warmed: Set<String> = []
    var count = 0
    for name in try Files.list(tests) where !name.hasPrefix(".") {
      let path = "\(tests)/\(name)/recipe.toml"
      guard try Files.status("\(tests)/\(name)")?.kind == .directory, try Files.status(path) != nil else { continue }
      count += 1
      do throws(Failure) { if try RecipeSettings.read(path).warmCanonical { warmed.insert(name) } } catch {
        return .unknown(error.sentence)
      }
    }
    return count == 0 ? .unknown("\(tests): no recipe.toml in any folder") : .known(warmed)
  }
}

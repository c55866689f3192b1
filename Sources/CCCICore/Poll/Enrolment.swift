/// The repositories that are looked at, from `[forge] repositories`.
public struct Enrolment: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var owner: String
    public var repo: String
    public var recipe: RecipeName

    public var slug: String { "\(owner)/\(repo)" }
  }

  public let entries: [Entry]
  /// By the slug in lower case: Gitea's names do not differ by case.
  private let places: [String: Int]

  /// More of them, and the change feed of each owner is cheaper than asking each.
  static let few = 20

  public var isLarge: Bool { entries.count > Self.few }
  public var owners: [String] { Set(entries.map(\.owner)).sorted() }

  /// Throws `config` when there are none, and for a name that cannot be one.
  public init(_ settings: Settings.ForgeSettings) throws(Failure) {
    guard !settings.repositories.isEmpty else {
      // An empty list that is taken for all is well would be silent for weeks.
      throw Failure(.config, "settings: forge: no repositories", next: "repositories = [\"owner/recipe\"] under [forge]")
    }
    var entries: [Entry] = []
    var places: [String: Int] = [:]
    for text in settings.repositories {
      let entry = try Self.entry(text)
      guard places.updateValue(entries.count, forKey: entry.slug.lowercased()) == nil else {
        throw Failure(.config, "settings: forge.repositories: \(text) stands there twice", next: "name it once")
      }
      entries.append(entry)
    }
    self.entries = entries
    self.places = places
  }

  public func entry(_ slug: String) -> Entry? { places[slug.lowercased()].map { entries[$0] } }

  private static func entry(_ text: String) throws(Failure) -> Entry {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isPlain = { (part: String) in
      let allowed = part.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "-_.".utf8.contains($0)
      }
      return allowed && !part.isEmpty && !part.hasPrefix(".") && part.utf8.count <= 100
    }
    guard parts.count == 2, parts.allSatisfy(isPlain), parts[0] != "triggers" else {
      throw Failure(
        .config, "settings: forge.repositories: \"\(text.prefix(80))\" is no repository",
        next: "write owner/name, for example recipes/notes")
    }
    do throws(Failure) { return Entry(owner: parts[0], repo: parts[1], recipe: try RecipeName(parts[1])) } catch {
      throw Failure(.config, "settings: forge.repositories: \(text)", why: error.sentence, next: error.next)
    }
  }

  /// Warnings: what is looked at without a folder in `tests/`, and the reverse.
  ///
  /// - Parameter folders: names in `tests/` that hold a recipe's tests; nil when there is no such folder.
  public func differences(from folders: [String]?) -> [String] {
    guard let folders else { return ["no tests/ folder found: set [host] tests"] }
    let recipes = Set(entries.map(\.recipe.text))
    return recipes.subtracting(folders).sorted().map { "\($0): is looked at, and has no folder in tests/" }
      + Set(folders).subtracting(recipes).sorted().map { "\($0): has a folder in tests/, and no repository in [forge] repositories" }
  }
}

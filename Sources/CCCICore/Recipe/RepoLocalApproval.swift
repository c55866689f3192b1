/// `tests/repo-local-approved.txt`: the recipes whose own `tests/` may run here. Default deny: that code is the pull request author's.
public struct RepoLocalApproval: Sendable, Equatable {
  public static let fileName = "repo-local-approved.txt"

  public var recipes: Set<String>

  /// One name a line; `#` begins a comment; no wildcards. Throws `badData` naming file and line.
  public init(_ text: String, path: String) throws(Failure) {
    recipes = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let name = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
      guard !name.isEmpty else { continue }
      do throws(Failure) { recipes.insert(try RecipeName(name).text) } catch {
        throw Failure(
          .badData, "\(path): line \(index + 1): \"\(name.prefix(80))\" is no recipe's name",
          why: "an approval names one recipe, and no pattern",
          next: "write one recipe a line")
      }
    }
  }

  public func allows(_ recipe: RecipeName) -> Bool { recipes.contains(recipe.text) }
}

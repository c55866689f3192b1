/// The domain of an app, which is also its name in abra, with the name of the swarm stack behind it.
public struct AppDomain: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let text: String
  public var description: String { text }

  public init(_ text: String) { self.text = text }

  /// The app of a run: `<recipe[:4]>-<6hex>.<zone>`. Same recipe, pull request and commit, same domain, by design: a lock serialises them.
  ///
  /// - Parameter what: what is tested: the commit, else the version, else `latest`.
  public static func run(of recipe: RecipeName, pr: Int?, what: String, zone: String) -> AppDomain {
    let digits = SHA256.hex(Array("\(recipe)|\(pr.map(String.init) ?? "")|\(what)".utf8)).prefix(6)
    return AppDomain("\(recipe.text.prefix(4))-\(digits).\(zone)")
  }

  /// The stack: dots become `_`, hyphens stay.
  public var stack: String { String(text.map { $0 == "." ? "_" : $0 }) }

  /// abra cuts longer stack names to this many characters, so that two apps could collide.
  public static let longestStack = 45

  public static func < (left: AppDomain, right: AppDomain) -> Bool { left.text < right.text }
}

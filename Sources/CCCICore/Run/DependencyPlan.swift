/// One recipe that a run needs beside its own. Pure.
public struct DependencyPlan: Sendable, Equatable {
  public enum Need: String, Sendable, Codable {
    /// The app cannot start without it.
    case app
    /// Only its tests ask for it.
    case tests
  }
  public var recipe: RecipeName
  public var need: Need
  /// Where its cold app stands, when the run brings one up.
  public var domain: AppDomain
  public var source: Checkout.Source
  public var settings: RecipeSettings
  public var overlays: OverlayPlan
  /// The host's own Keycloak is asked first.
  public var provider: String?
  /// Its realm is that of the app's warm data: no other provider will do.
  public var isWarm = false

  /// The recipe whose host-wide instance can be shared: each run gets a realm of its own there.
  public static let shared = "keycloak"

  /// Every dependency of a recipe, in the order in which it names them.
  ///
  /// - Parameters:
  ///   - mode: a cold run's app knows the provider that it is given; warm data was made with one.
  ///   - known: what `tests/` says of each of them.
  /// - Throws: `badData` for a dependency that has dependencies itself, or that is the recipe.
  static func all(
    of recipe: RecipeName, _ own: RecipeSettings, at domain: AppDomain, mode: Verdict.Mode = .cold, settings: Settings,
    known: [RecipeName: Known]
  ) throws(Failure) -> [DependencyPlan] {
    var plans: [DependencyPlan] = []
    for (names, need, key) in [(own.requires, Need.app, "requires"), (own.testRequires, .tests, "test_requires")] {
      for name in names {
        let file = "tests/\(recipe)/recipe.toml"
        guard name != recipe else {
          throw Failure(.badData, "\(file): \(key): \(name) needs itself", next: "take it out")
        }
        guard !plans.contains(where: { $0.recipe == name }) else {
          throw Failure(
            .badData, "\(file): \(key): \(name) is named twice", next: "name it once: in requires, if the app cannot start without it")
        }
        let what = known[name] ?? Known()
        guard what.settings.requires.isEmpty else {
          throw Failure(
            .badData, "\(file): \(key): \(name) itself requires \(what.settings.requires.map(\.text).joined(separator: ", "))",
            why: "a dependency of a dependency is not brought up", next: "test \(recipe) against a dependency that stands alone")
        }
        let upstream = settings.forge.upstream(of: name)
        plans.append(
          DependencyPlan(
            recipe: name, need: need, domain: .dependency(name, of: domain, zone: settings.host.zone),
            source: Checkout.Source(src: upstream, upstream: upstream), settings: what.settings, overlays: what.overlays,
            provider: name.text == shared ? settings.keycloak.url : nil,
            isWarm: mode != .cold && need == .app && name.text == shared))
      }
    }
    return plans
  }

  /// What `tests/<dependency>/` holds; nothing for one without a folder.
  public struct Known: Sendable, Equatable {
    public var settings = RecipeSettings()
    public var overlays = OverlayPlan()

    public init() {}
  }

  /// For the plan and the manifest.
  public var words: String {
    if isWarm { return "the realm of its warm data on \(provider ?? "nothing: [keycloak] url is not set")" }
    let cold = "an app of its own at https://\(domain)"
    return provider.map { "a realm on \($0), else \(cold)" } ?? cold
  }
}

extension AppDomain {
  /// The app of a dependency: `<dependency[:4]>-<6hex of dependency|parent domain>`.
  static func dependency(_ recipe: RecipeName, of parent: AppDomain, zone: String) -> AppDomain {
    let digits = SHA256.hex(Array("\(recipe)|\(parent)".utf8)).prefix(6)
    return AppDomain("\(recipe.text.prefix(4))-\(digits).\(zone)")
  }
}

/// What a run would do, and why, from the request, the settings and the overlays alone. Pure; nothing is fetched.
public struct RunPlan: Sendable, Equatable {
  public var mode: Verdict.Mode
  public var recipe: RecipeName
  public var target: Checkout.Target
  public var domain: AppDomain
  public var source: Checkout.Source
  public var tiers: [PlannedTier]
  public var overlays: OverlayPlan
  public var settings: RecipeSettings
  public var optOuts: [Tier: String]
  public var dependencies: [DependencyPlan] = []
  /// The recipe's own `tests/` may run. What is in them, only the checkout shows.
  public var isRepoLocalApproved: Bool

  public struct PlannedTier: Sendable, Equatable {
    public var tier: Tier
    /// nil when it will run; else why not.
    public var skipped: Finding?
    public var generic: [GenericAssertion]
    public var overlays: [OverlayPlan.File]
  }

  /// The ground of a plan.
  public struct Question: Sendable {
    public var request: RunRequest
    public var settings: Settings
    public var recipe: RecipeSettings
    public var overlays: OverlayPlan
    /// `CCCI_SKIP_GENERIC` and `CCCI_SKIP_GENERIC_<TIER>` are read from here, except under `DRONE=true`.
    public var environment: [String: String]
    public var isRepoLocalApproved: Bool
    /// What `tests/` says of the recipes that this one depends on.
    public var dependencies: [RecipeName: DependencyPlan.Known]

    public init(
      request: RunRequest, settings: Settings, recipe: RecipeSettings, overlays: OverlayPlan, environment: [String: String],
      isRepoLocalApproved: Bool = false, dependencies: [RecipeName: DependencyPlan.Known] = [:]
    ) {
      self.isRepoLocalApproved = isRepoLocalApproved
      self.dependencies = dependencies
      self.request = request
      self.settings = settings
      self.recipe = recipe
      self.overlays = overlays
      self.environment = environment
    }
  }

  public static func make(_ question: Question) throws(Failure) -> RunPlan {
    let request = question.request
    let zone = question.settings.host.zone
    let domain =
      request.mode == .cold
      ? AppDomain.run(of: request.recipe, pr: request.target.pr, what: request.target.what, zone: zone)
      : question.settings.canonical(of: request.recipe)
    guard domain.stack.count <= AppDomain.longestStack else {
      throw Failure(
        .config, "zone \(question.settings.host.zone): is too long",
        why: "the stack \(domain.stack) has \(domain.stack.count) characters, abra keeps \(AppDomain.longestStack)",
        next: "use a zone of at most \(AppDomain.longestStack - (domain.stack.count - zone.count)) characters")
    }
    let upstream = question.settings.forge.upstream(of: request.recipe)
    let optOuts = optOuts(question)
    return RunPlan(
      mode: request.mode, recipe: request.recipe, target: request.target, domain: domain,
      source: Checkout.Source(src: request.src ?? upstream, upstream: upstream),
      tiers: request.tiers.map { tier in
        let declared = quickSkip(tier, request.mode) ?? question.recipe.expectedNA[tier].map { Finding.skip(.declared, $0) }
        let overlays = question.overlays.tests[tier] ?? []
        let empty =
          tier == .custom && overlays.isEmpty && !question.isRepoLocalApproved ? Finding.skip(.structural, "no custom tests") : nil
        return PlannedTier(
          tier: tier, skipped: declared ?? empty, generic: optOuts[tier] == nil ? GenericAssertion.of(tier) : [], overlays: overlays)
      },
      overlays: question.overlays, settings: question.recipe, optOuts: optOuts,
      dependencies: try DependencyPlan.all(
        of: request.recipe, question.recipe, at: domain, mode: request.mode, settings: question.settings, known: question.dependencies),
      isRepoLocalApproved: question.isRepoLocalApproved)
  }

  /// A quick run upgrades the known-good, and looks at it; what a backup is worth, a cold run tells.
  private static func quickSkip(_ tier: Tier, _ mode: Verdict.Mode) -> Finding? {
    mode == .quick && [.backup, .restore].contains(tier) ? .skip(.structural, "not in a quick run") : nil
  }

  /// Every app that the run may bring up, its own first.
  public var domains: [AppDomain] { [domain] + dependencies.map(\.domain) }

  /// The plan of a cold dependency: it is installed, and nothing more.
  func of(_ dependency: DependencyPlan) -> RunPlan {
    RunPlan(
      mode: .cold, recipe: dependency.recipe, target: .latest, domain: dependency.domain, source: dependency.source, tiers: [],
      overlays: dependency.overlays, settings: dependency.settings, optOuts: [:], isRepoLocalApproved: false)
  }

  /// Most specific wins; each is shown.
  private static func optOuts(_ question: Question) -> [Tier: String] {
    var found: [Tier: String] = [:]
    // Under Drone the parameters of a build become environment, and none of them may take assertions away.
    let environment = question.environment["DRONE"] == "true" ? [:] : question.environment
    for tier in Tier.allCases where tier != .custom {
      let variable = "CCCI_SKIP_GENERIC_\(tier.rawValue.uppercased())"
      if question.recipe.skipGeneric.contains(tier) {
        found[tier] = "recipe.toml: skip_generic"
      } else if let value = environment[variable] {
        if ["1", "true", "yes"].contains(value.lowercased()) { found[tier] = variable }
      } else if ["1", "true", "yes"].contains(environment["CCCI_SKIP_GENERIC"]?.lowercased()) {
        found[tier] = "CCCI_SKIP_GENERIC"
      }
    }
    return found
  }

  /// - Parameter repoLocal: what the checkout showed of the recipe's own tests.
  public func manifest(repoLocal: OverlayPlan?) -> Manifest {
    var files = overlays.tests.isEmpty ? [:] : ["overlay": overlays.names]
    if let repoLocal { files[isRepoLocalApproved ? "repo-local" : "repo-local, not approved"] = repoLocal.names }
    return Manifest(settings: settings.notAtDefault, hooks: overlays.hooks, overlays: files)
  }
}

import FoundationEssentials

/// What every step of one run works with: its plan, its record, and the programs and services it may use.
struct Stage: Sendable {
  let host: Host
  let settings: Settings
  let request: RunRequest
  var plan: RunPlan
  let environment: [String: String]
  let console: Console
  let directory: RunDirectory
  let ledger: Ledger
  let programs: Programs
  let engine: Engine
  let git: Git
  let abra: Abra
  var app: AppEnvironment
  let owner: String
  /// The recipe of a dependency that this stage is for; nil for the run's own app.
  var dependency: RecipeName?

  var home: AbraHome { AbraHome(path: directory.abra) }
  var recipe: RecipeName { plan.recipe }
  var domain: AppDomain { plan.domain }
  var url: String { "https://\(plan.domain)" }
  var serving: Serving { Serving(host: host, authorities: settings.host.authorities) }

  var deployer: Deployer {
    Deployer(host: host, engine: engine, abra: abra, serving: serving, domain: domain) { [console] in console.progress("  \($0)") }
  }

  var patience: Deployer.Patience {
    Deployer.Patience(
      deploy: plan.settings.deployTimeout, http: plan.settings.httpTimeout,
      loop: CrashLoop.Thresholds(failures: plan.settings.crashLoopFailures, after: plan.settings.crashLoopAfter.seconds))
  }

  /// The same run, for one of its cold dependencies.
  func of(_ dependency: DependencyPlan) -> Stage {
    var stage = self
    stage.dependency = dependency.recipe
    stage.plan = plan.of(dependency)
    stage.app = AppEnvironment(
      path: AbraHome(path: settings.host.abraDirectory).env(dependency.domain, server: settings.host.server), recipe: dependency.recipe,
      domain: dependency.domain)
    return stage
  }

  /// The recipe's canonical, on whose data a quick run or a promotion works.
  var warm: WarmApp {
    WarmApp(
      host: host, engine: engine, shelf: settings.host.shelf, servers: "\(settings.host.abraDirectory)/servers/\(settings.host.server)",
      domain: AppDomain.canonical(of: recipe, zone: settings.host.zone))
  }

  /// The resolved settings, for overlays and hooks.
  var meta: String { dependency.map { "\(directory.path)/meta-\($0).json" } ?? directory.meta }

  /// Adds the time that a step took to its phase; what a dependency takes is counted there as a whole.
  func timed<Value>(_ phase: String, _ body: () async throws(Failure) -> Value) async throws(Failure) -> Value {
    dependency == nil ? try await ledger.timed(phase, body) : try await body()
  }

  /// Of every app of the record, the newest first.
  var teardowns: [Teardown] {
    let home = AbraHome(path: settings.host.abraDirectory)
    return ledger.now.record.apps.reversed().map { name in
      let domain = AppDomain(name)
      return Teardown(host: host, engine: engine, abra: abra, env: home.env(domain, server: settings.host.server), domain: domain)
    }
  }

  var teardown: Teardown { Teardown(host: host, engine: engine, abra: abra, env: app.path, domain: domain) }

  var volumes: AppVolumes { AppVolumes(engine: engine, stack: domain.stack) }

  /// Writes the phase into the record and says it.
  func enter(_ phase: String, _ words: String) throws(Failure) {
    try ledger.record(at: host.now()) { $0.phase = phase }
    console.progress(words)
  }

  /// What interpolates compose before there is an app.
  func previewEnvironment(of checkout: String? = nil, with more: [(String, String)] = []) throws(Failure) -> [String: String] {
    let values = app.always(owner: owner, deployTimeout: plan.settings.deployTimeout) + envSettings + more
    let filled = values.map { ($0.0, EnvTemplate.filled($0.1, domain: domain, zone: settings.host.zone, recipe: recipe)) }
    let checkout = checkout ?? home.recipe(recipe)
    return try AppEnvironment.preview(sample: "\(checkout)/.env.sample", over: filled, checkout: checkout, domain: domain)
  }

  var upgradeSettings: [(String, String)] { plan.settings.upgradeEnv.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

  var envSettings: [(String, String)] { plan.settings.env.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}

/// What is known once the recipe is checked out.
struct Subject: Sendable {
  var checkout: Checkout
  /// Compose at the head.
  var facts: ComposeFacts
  var version: RecipeVersion?
  var base: UpgradeBase
  var targets: [BackupTarget]

  var head: CommitID { checkout.head }
}

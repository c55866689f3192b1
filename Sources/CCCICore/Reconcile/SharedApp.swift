import FoundationEssentials

/// One shared app with everything that a pass over it works with.
struct SharedApp: Sendable {
  let host: Host
  let settings: Settings
  let app: ReconcileSettings.App
  let console: Console
  let programs: Programs
  let engine: Engine
  let git: Git
  /// The private `ABRA_DIR`.
  let home: AbraHome

  var domain: AppDomain { app.domain }
  var folder: ShelfFolder { ShelfFolder(shelf: settings.host.shelf, name: app.name) }
  var checkout: String { home.recipe(app.recipe) }
  var upstream: String { settings.forge.upstream(of: app.recipe) }
  var label: String { "coop-cloud.\(domain.stack)" }

  var abra: Abra { Abra(programs: programs, program: settings.host.abra, directory: home.path, server: settings.host.server) }

  /// The app's `.env`, in the host's own folder.
  var env: AppEnvironment {
    AppEnvironment(
      path: AbraHome(path: settings.host.abraDirectory).env(domain, server: settings.host.server), recipe: app.recipe, domain: domain)
  }

  var store: SnapshotStore { SnapshotStore(host: host, engine: engine, folder: folder, domain: domain, env: env.path) }

  var teardown: Teardown { Teardown(host: host, engine: engine, abra: nil, env: env.path, domain: domain) }

  var deployer: Deployer {
    Deployer(
      host: host, engine: engine, abra: abra, serving: Serving(host: host, authorities: settings.host.authorities), domain: domain
    ) { [console] in console.progress("  \($0)") }
  }

  /// `TIMEOUT` of the app's `.env`, as abra takes it; 10 minutes without one.
  func patience() throws(Failure) -> Deployer.Patience {
    let text = try Files.status(env.path) == nil ? nil : try env.values()["TIMEOUT"]
    let limit = text.flatMap { Int($0) }.map { Duration.seconds(max(10, min($0, 7200))) } ?? .seconds(600)
    return Deployer.Patience(
      deploy: limit, http: limit, loop: CrashLoop.Thresholds(failures: 5, after: min(90, limit.seconds / 2)))
  }

  /// What the `.env` must say, filled in.
  var wanted: [String: String] {
    var values = app.env
    for secret in app.secrets where values[Self.key(of: secret)] == nil { values[Self.key(of: secret)] = secret.version }
    values["DOMAIN"] = domain.text
    return values.mapValues { EnvTemplate.filled($0, domain: domain, zone: settings.host.zone, recipe: app.recipe) }
  }

  /// Where most recipes look for a secret's version. A key that a recipe does not know hurts nobody.
  private static func key(of secret: ReconcileSettings.Secret) -> String {
    "SECRET_\(secret.name.uppercased().replacing("-", with: "_"))_VERSION"
  }

  func remote(_ secret: ReconcileSettings.Secret) -> String { "\(domain.stack)_\(secret.name)_\(secret.version)" }

  func failure(_ code: ExitCode, _ what: String, why: String = "", next: String = "") -> Failure {
    Failure(code, "\(app.name): \(what)", why: why, next: next)
  }
}

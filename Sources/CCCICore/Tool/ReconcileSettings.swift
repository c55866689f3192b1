/// `[reconcile]`: the shared apps of this host, and how long a reconciler waits for runs.
public struct ReconcileSettings: Sendable, Equatable {
  /// For runs under way, new ones held back meanwhile.
  public var wait: Duration = .seconds(75 * 60)
  /// By name.
  public var apps: [App] = []

  /// One shared app, `[reconcile.<app>]`.
  public struct App: Sendable, Equatable {
    /// Its folder on the shelf.
    public var name: String
    public var recipe: RecipeName
    public var domain: AppDomain
    /// What its `.env` must say; values may use `{domain}`, `{zone}`, `{recipe}`.
    public var env: [String: String] = [:]
    /// Inserted from files; the others are made by abra.
    public var secrets: [Secret] = []
    /// Its volumes are saved before an upgrade, and put back by a roll-back.
    public var isStateful = false
    /// Path below the domain that answers when it is healthy; nil: swarm's word counts.
    public var health: String?
    /// How long it must stay healthy before a version counts as good.
    public var soak: Duration = .seconds(60)
    public var update: Update = .auto

    public init(name: String, recipe: RecipeName, domain: AppDomain) {
      self.name = name
      self.recipe = recipe
      self.domain = domain
    }
  }

  /// A swarm secret whose content a file holds. A new version is how a changed file gets in.
  public struct Secret: Sendable, Equatable {
    /// In the recipe.
    public var name: String
    public var file: String
    /// `v1`.
    public var version: String

    public init(name: String, file: String, version: String) {
      self.name = name
      self.file = file
      self.version = version
    }
  }

  public enum Update: String, Sendable, CaseIterable {
    /// To the newest safe version.
    case auto
    /// The version that runs stays; its `.env`, secrets and health are kept right.
    case hold
    /// Only looked at.
    case observe
  }

  public init() {}

  /// The app of that name. `usage` names the nearest one.
  public func app(_ name: String) throws(Failure) -> App {
    if let app = apps.first(where: { $0.name == name }) { return app }
    let near = Nearest.name(to: name, among: apps.map(\.name)).map { "did you mean \($0)? " } ?? ""
    let known = apps.isEmpty ? "the settings name none: add [reconcile.\(name.prefix(40))]" : apps.map(\.name).joined(separator: ", ")
    throw Failure(.usage, "app \"\(name.prefix(80))\": is no shared app of this host", next: "\(near)known: \(known)")
  }

  mutating func take(_ table: inout StrictTable, zone: String) throws(Failure) {
    wait = try table.duration("wait") ?? wait
    for name in table.names where name != "wait" {
      guard var own = try table.table(name) else { continue }
      let allowed = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
      guard !RecipeName.reserved.contains(name) else {
        throw table.problem(
          name, "can be no name of an app", next: "\(RecipeName.reserved.joined(separator: " and ")) are folders of the shelf: take another"
        )
      }
      guard allowed, let first = name.utf8.first, (97...122).contains(first) else {
        throw table.problem(name, "can be no name of an app", next: "lower-case letters, digits and -, beginning with a letter")
      }
      apps.removeAll { $0.name == name }
      apps.append(try Self.app(name, &own, zone: zone))
      try own.finish()
    }
    apps.sort { $0.name < $1.name }
  }

  private static func app(_ name: String, _ table: inout StrictTable, zone: String) throws(Failure) -> App {
    let domain = try table.string("domain") ?? "\(name).\(zone)"
    let isDomain = domain.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
    let stack = AppDomain(domain).stack.utf8.count
    guard isDomain, domain.contains("."), !domain.hasPrefix("."), !domain.hasPrefix("-"), stack <= AppDomain.longestStack else {
      throw table.problem(
        "domain", "\"\(domain.prefix(80))\" is no domain of an app",
        next: "at most \(AppDomain.longestStack) characters, such as \(name).\(zone)")
    }
    let recipe: RecipeName
    do throws(Failure) { recipe = try RecipeName(try table.string("recipe") ?? name) } catch {
      throw table.problem("recipe", error.sentence, next: "the name of the recipe's repository")
    }
    var app = App(name: name, recipe: recipe, domain: AppDomain(domain))
    app.env = try table.stringTable("env") ?? [:]
    for (key, value) in app.env.sorted(by: { $0.key < $1.key }) {
      let isKey = key.utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
      guard isKey, !key.isEmpty else { throw table.problem("env.\(key.prefix(40))", "is no variable", next: "letters, digits and _") }
      if let unknown = EnvTemplate.unknown(in: value) {
        throw table.problem("env.\(key)", "{\(unknown)} is not known", next: "use {domain}, {zone} or {recipe}")
      }
    }
    app.secrets = try table.tables("secrets").map { (row) throws(Failure) in
      var row = row
      let secret = try Self.secret(&row)
      try row.finish()
      return secret
    }
    app.isStateful = try table.bool("stateful") ?? app.isStateful
    app.health = try table.string("health")
    if let health = app.health, !health.hasPrefix("/") {
      throw table.problem("health", "\"\(health.prefix(80))\" is no path", next: "begin it with /, or leave it out")
    }
    app.soak = try table.duration("soak") ?? app.soak
    if let word = try table.string("update") {
      guard let update = Update(rawValue: word) else {
        throw table.problem("update", "\"\(word.prefix(40))\" is not known", next: "one of auto, hold, observe")
      }
      app.update = update
    }
    return app
  }

  private static func secret(_ table: inout StrictTable) throws(Failure) -> Secret {
    guard let name = try table.string("name"), !name.isEmpty, !name.contains("/") else {
      throw table.problem("name", "a secret has the name that it has in the recipe", next: "name = \"ssl_cert\"")
    }
    guard let file = try table.string("file"), file.hasPrefix("/") else {
      throw table.problem("file", "a secret comes from a file", next: "file = \"/run/secrets/…\"")
    }
    let version = try table.string("version") ?? "v1"
    guard version.hasPrefix("v"), Int(version.dropFirst()) != nil else {
      throw table.problem("version", "\"\(version.prefix(40))\" is no version of a secret", next: "version = \"v1\"")
    }
    return Secret(name: name, file: file, version: version)
  }
}

extension Settings {
  /// Where the canonical of a recipe stands on this host.
  public func canonical(of recipe: RecipeName) -> AppDomain {
    AppDomain.canonical(of: recipe, zone: host.zone, shared: reconcile.apps.map(\.name))
  }
}

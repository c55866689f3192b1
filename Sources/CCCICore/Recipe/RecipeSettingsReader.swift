extension RecipeSettings {
  /// Reads `recipe.toml`. A missing file gives the defaults.
  ///
  /// Failures: `badData` naming file, key and nearest known key.
  public static func read(_ path: String) throws(Failure) -> RecipeSettings {
    var root = try StrictTable(file: path)
    var settings = RecipeSettings()
    try settings.takeDependencies(&root)
    try settings.takeHealth(&root)
    try settings.takeTiers(&root)
    try settings.takeEnvironment(&root)
    try settings.takeReady(&root)
    try settings.takeAllow(&root)
    if var loop = try root.table("crash_loop") {
      settings.crashLoopFailures = try loop.integer("failures", in: 1...100) ?? settings.crashLoopFailures
      settings.crashLoopAfter = try loop.duration("after") ?? settings.crashLoopAfter
      try loop.finish()
    }
    if var canary = try root.table("canary") {
      settings.canaryExcept = try canary.strings("except") ?? []
      try canary.finish()
    }
    settings.warmCanonical = try root.bool("warm_canonical") ?? false
    try root.finish()
    return settings
  }

  private mutating func takeHealth(_ root: inout StrictTable) throws(Failure) {
    if let path = try root.string("health_path") {
      guard path.hasPrefix("/"), !path.contains(where: \.isWhitespace) else {
        throw root.problem("health_path", "\"\(path)\" is no path", next: "begin it with /, for example \"/health\"")
      }
      healthPath = path
    }
    if let statuses = try root.integers("health_ok", in: 100...599) {
      guard !statuses.isEmpty, Self.proxyStatuses.isDisjoint(with: statuses) else {
        let why =
          statuses.isEmpty
          ? "an empty list accepts nothing"
          : "404, 502, 503 and 504 are never accepted: the proxy answers them for an app that is not there"
        throw root.problem("health_ok", why, next: "list the statuses that prove it serves, or set health_path to a page that exists")
      }
      healthOK = statuses
    }
    deployTimeout = try root.duration("deploy_timeout") ?? deployTimeout
    httpTimeout = try root.duration("http_timeout") ?? httpTimeout
    backupCapable = try root.bool("backup_capable")
  }

  private mutating func takeTiers(_ root: inout StrictTable) throws(Failure) {
    for name in try root.strings("skip_generic") ?? [] {
      if name == "all" {
        skipGeneric = Tier.allCases.filter { $0 != .custom }
        continue
      }
      guard let tier = Tier(rawValue: name) else { throw Self.noTier("skip_generic", name, root) }
      guard tier != .custom else {
        throw root.problem("skip_generic", "custom has no generic assertions", next: "take it out: the line would change nothing")
      }
      if !skipGeneric.contains(tier) { skipGeneric.append(tier) }
    }
    for (name, reason) in (try root.stringTable("expected_na") ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let tier = Tier(rawValue: name) else { throw Self.noTier("expected_na.\(name)", name, root) }
      guard tier != .install else {
        throw root.problem(
          "expected_na.install", "install is never optional", next: "remove the line: a recipe that cannot be installed cannot be tested")
      }
      guard !reason.isEmpty else { throw root.problem("expected_na.\(name)", "has no reason", next: "say why, in a few words") }
      expectedNA[tier] = reason
    }
  }

  private mutating func takeEnvironment(_ root: inout StrictTable) throws(Failure) {
    env = try root.stringTable("env") ?? [:]
    if var upgrade = try root.table("upgrade") {
      upgradeEnv = try upgrade.stringTable("env") ?? [:]
      try upgrade.finish()
    }
    for (table, values) in [("env", env), ("upgrade.env", upgradeEnv)] {
      for (key, value) in values.sorted(by: { $0.key < $1.key }) {
        guard EnvFile("\(key)=1\n").values == [key: "1"] else {
          throw root.problem("\(table).\(key)", "is no name of a variable", next: "letters, digits and _ only, not beginning with a digit")
        }
        if let owner = Self.owned[key] { throw root.problem("\(table).\(key)", "is set by cc-ci", next: owner) }
        if let unknown = EnvTemplate.unknown(in: value) {
          throw root.problem("\(table).\(key)", "{\(unknown)} is no placeholder", next: "known: {domain}, {zone}, {recipe}")
        }
        if value.contains("{domain}"), value.contains(".{domain}") {
          throw root.problem(
            "\(table).\(key)", "\"\(value)\" is a name below the app's domain: the wildcard certificate covers one label",
            next: "flatten it, for example \"minio-{domain}\"")
        }
      }
    }
  }

  /// Keys that every test app must have as cc-ci sets them: they say whose the app is, where it lives, and that no certificate is asked for.
  static let owned = [
    "TYPE": "remove the line", "RECIPE": "remove the line", "DOMAIN": "remove the line", "STACK_NAME": "remove the line",
    "CCCI_OWNER": "remove the line", "LETS_ENCRYPT_ENV": "remove the line: the host's wildcard certificate serves",
    "TIMEOUT": "set deploy_timeout instead",
  ]

  private mutating func takeReady(_ root: inout StrictTable) throws(Failure) {
    for var table in try root.tables("ready") {
      let place = try table.string("http")
      let port = try table.integer("tcp", in: 1...65535)
      let ok = try table.integers("ok", in: 100...599)
      let stable = try table.integer("stable", in: 1...60)
      try table.finish()
      switch (place, port) {
      case (let place?, nil):
        if let unknown = EnvTemplate.unknown(in: place) {
          throw table.problem("http", "{\(unknown)} is no placeholder", next: "known: {domain}, {zone}, {recipe}")
        }
        guard ok?.isEmpty != true, Self.proxyStatuses.isDisjoint(with: ok ?? []) else {
          throw table.problem("ok", "404, 502, 503, 504 or an empty list is never accepted", next: "list the statuses that prove it serves")
        }
        guard place.hasPrefix("/") || place.hasPrefix("https://"), stable == nil else {
          throw table.problem(
            "http", "\"\(place)\" with \(stable == nil ? "no leading /" : "stable")", next: "write { http = \"/path\", ok = [200] }")
        }
        ready.append(.http(place, ok: ok ?? [200]))
      case (nil, let port?):
        guard ok == nil else { throw table.problem("ok", "belongs to an http probe", next: "write { tcp = \(port), stable = 3 }") }
        ready.append(.tcp(port: port, stable: stable ?? 3))
      default:
        throw table.problem(
          "http", "a probe is either http or tcp", next: "write { http = \"/path\", ok = [200] } or { tcp = 64738, stable = 3 }")
      }
    }
  }

  /// Statuses of the proxy itself, which `Serving.judge` never takes for the app's.
  private static let proxyStatuses: Set = [404, 502, 503, 504]
  private mutating func takeAllow(_ root: inout StrictTable) throws(Failure) {
    for var table in try root.tables("allow") {
      var words: [String: String] = [:]
      for key in ["service", "key", "value", "reason"] { words[key] = try table.string(key) }
      try table.finish()
      // The value alone may be empty: a label without one.
      for key in ["service", "key", "value", "reason"] {
        guard let word = words[key], key == "value" || word.contains(where: { !$0.isWhitespace }) else {
          let next = key == "reason" ? "say in a few words why the host is safe all the same" : "take the entry that the refusal printed"
          throw table.problem(key, words[key] == nil ? "is missing" : "is empty", next: next)
        }
      }
      let entry = PolicyAllowance(
        service: words["service"] ?? "", key: words["key"] ?? "", value: words["value"] ?? "", reason: words["reason"] ?? "")
      guard !allow.contains(where: { $0.service == entry.service && $0.key == entry.key && $0.value == entry.value }) else {
        throw table.problem("value", "\(entry.service): \(entry.key): the same entry stands there twice", next: "take one of them out")
      }
      allow.append(entry)
    }
  }

  private static func noTier(_ key: String, _ name: String, _ root: StrictTable) -> Failure {
    let near = Nearest.name(to: name, among: Tier.allCases.map(\.rawValue)).map { "did you mean \($0)? " } ?? ""
    return root.problem(key, "\"\(name)\" is no tier", next: "\(near)tiers are \(Tier.allCases.map(\.rawValue).joined(separator: ", "))")
  }

  private mutating func takeDependencies(_ root: inout StrictTable) throws(Failure) {
    requires = try Self.recipes("requires", &root)
    testRequires = try Self.recipes("test_requires", &root)
  }

  private static func recipes(_ key: String, _ root: inout StrictTable) throws(Failure) -> [RecipeName] {
    var names: [RecipeName] = []
    for text in try root.strings(key) ?? [] {
      do throws(Failure) { names.append(try RecipeName(text)) } catch {
        throw root.problem(key, error.what, next: "name recipes as their repositories are, for example [\"keycloak\"]")
      }
    }
    return names
  }
}

/// What a recipe says about itself in `tests/<recipe>/recipe.toml`. Every key has a default: no file is needed to be testable.
public struct RecipeSettings: Sendable, Equatable {
  /// Dependencies of the app; and those of its tests only.
  public var requires: [RecipeName] = []
  public var testRequires: [RecipeName] = []
  public var healthPath = "/"
  /// Statuses that prove it serves. 404 is never among them.
  public var healthOK = [200, 301, 302]
  public var deployTimeout: Duration = .seconds(600)
  public var httpTimeout: Duration = .seconds(300)
  /// nil: detected from the `backupbot.backup` labels.
  public var backupCapable: Bool?
  public var skipGeneric: [Tier] = []
  /// Declared skips: tier → reason.
  public var expectedNA: [Tier: String] = [:]
  public var env: [String: String] = [:]
  public var upgradeEnv: [String: String] = [:]
  public var ready: [ReadyProbe] = []
  public var crashLoopFailures = 5
  public var crashLoopAfter: Duration = .seconds(90)
  public var canaryExcept: [String] = []
  public var warmCanonical = false
  /// Exceptions to the compose policy.
  public var allow: [PolicyAllowance] = []

  public init() {}

  /// Keys whose value is not the default, for the manifest: key → value as text.
  public var notAtDefault: [String: String] {
    let plain = RecipeSettings()
    var changed: [String: String] = [:]
    func note(_ key: String, _ isChanged: Bool, _ value: String) { if isChanged { changed[key] = value } }
    note("requires", !requires.isEmpty, requires.map(\.text).joined(separator: ", "))
    note("test_requires", !testRequires.isEmpty, testRequires.map(\.text).joined(separator: ", "))
    note("health_path", healthPath != plain.healthPath, healthPath)
    note("health_ok", healthOK != plain.healthOK, healthOK.map(String.init).joined(separator: ", "))
    note("deploy_timeout", deployTimeout != plain.deployTimeout, "\(Int(deployTimeout.seconds))s")
    note("http_timeout", httpTimeout != plain.httpTimeout, "\(Int(httpTimeout.seconds))s")
    note("backup_capable", backupCapable != nil, "\(backupCapable ?? false)")
    note("skip_generic", !skipGeneric.isEmpty, skipGeneric.map(\.rawValue).joined(separator: ", "))
    for (tier, reason) in expectedNA { changed["expected_na.\(tier.rawValue)"] = reason }
    for (key, value) in env { changed["env.\(key)"] = value }
    for (key, value) in upgradeEnv { changed["upgrade.env.\(key)"] = value }
    note("ready", !ready.isEmpty, ready.map(\.description).joined(separator: ", "))
    note("crash_loop.failures", crashLoopFailures != plain.crashLoopFailures, "\(crashLoopFailures)")
    note("crash_loop.after", crashLoopAfter != plain.crashLoopAfter, "\(Int(crashLoopAfter.seconds))s")
    note("canary.except", !canaryExcept.isEmpty, canaryExcept.joined(separator: ", "))
    note("warm_canonical", warmCanonical, "true")
    for (index, entry) in allow.enumerated() {
      changed["allow[\(index)]"] = "\(entry.service): \(entry.key) = \(PolicyAllowance.quoted(entry.value)): \(entry.reason)"
    }
    return changed
  }
}

/// An extra probe of `[[ready]]`, after install and after upgrade.
public enum ReadyProbe: Sendable, Hashable, CustomStringConvertible {
  /// A path on the app's own domain, or on `<x>-{domain}` with its full URL.
  case http(String, ok: [Int])
  /// A port of this host that must accept connections `stable` times in a row, a second apart.
  case tcp(port: Int, stable: Int)

  public var description: String {
    switch self {
    case .http(let place, _): place
    case .tcp(let port, let stable): "tcp \(port) ×\(stable)"
    }
  }
}

extension Settings {
  /// One documented key: table, name, what it means, its default as text. `docs/settings.md` is made of these.
  public struct Key: Sendable {
    public var table: String
    public var name: String
    public var kind: String
    public var fallback: String
    public var meaning: String
    /// One of a table that may stand there many times under names of its own; no variable overrides it.
    public var isOfMany: Bool { table.contains("<") }
    /// `CCCI_RUN_CAPACITY`, which overrides it.
    public var variable: String { "CCCI_\(table)_\(name)".uppercased() }
  }

  public static let keys: [Key] = [
    Key(
      table: "host", name: "zone", kind: "string", fallback: "required", meaning: "wildcard domain of the host, for example ci.example.org"),
    Key(table: "host", name: "shelf", kind: "path", fallback: "/var/lib/ci-warm", meaning: "warm data and state files"),
    Key(table: "host", name: "runs", kind: "path", fallback: "/var/lib/cc-ci-runs", meaning: "run records"),
    Key(
      table: "host", name: "tests", kind: "path", fallback: "none",
      meaning: "tests/ of this repository, when no workspace or --tests names it"),
    Key(table: "host", name: "lock", kind: "path", fallback: "/run/lock/cc-ci", meaning: "lock files"),
    Key(table: "host", name: "engine", kind: "path", fallback: "/var/run/docker.sock", meaning: "unix socket of the docker engine"),
    Key(table: "host", name: "abra", kind: "path", fallback: "abra", meaning: "the abra program, a path or a name on PATH"),
    Key(
      table: "host", name: "abra_dir", kind: "path", fallback: "/root/.abra",
      meaning: "the host's ABRA_DIR: servers and catalogue are shared from it"),
    Key(table: "host", name: "server", kind: "string", fallback: "default", meaning: "abra's name for this swarm"),
    Key(table: "host", name: "proxy", kind: "string", fallback: "proxy", meaning: "overlay network of the reverse proxy"),
    Key(table: "host", name: "ca", kind: "path", fallback: "system", meaning: "PEM bundle that checks trust instead of the system's"),
    Key(table: "run", name: "capacity", kind: "1…64", fallback: "1", meaning: "runs at the same time, as the Drone runner's capacity"),
    Key(table: "run", name: "deadline", kind: "duration", fallback: "52m", meaning: "a run's own time limit, teardown not counted"),
    Key(
      table: "run", name: "teardown", kind: "duration", fallback: "8m",
      meaning: "what the teardown may take past the deadline before a silent run counts as hanging"),
    Key(
      table: "run", name: "silence", kind: "duration", fallback: "60s",
      meaning: "how long such a run may go without a heartbeat, which comes every 10 s, before its guard ends it"),
    Key(
      table: "run", name: "overlay_limit", kind: "duration", fallback: "15m",
      meaning: "how long one group of a recipe's tests, or one of its hooks, may take"),
    Key(table: "run", name: "keep", kind: "duration", fallback: "24h", meaning: "how long --keep keeps an app"),
    Key(
      table: "run", name: "disk_refuse", kind: "1…100", fallback: "93",
      meaning: "per cent of bytes or inodes in use above which runs are refused"),
    Key(table: "run", name: "disk_warn", kind: "1…100", fallback: "75", meaning: "per cent above which a run warns"),
    Key(
      table: "run", name: "disk_act", kind: "1…100", fallback: "85",
      meaning: "per cent above which the janitor removes dangling images and records older than 7 days"),
    Key(table: "run", name: "retention", kind: "duration", fallback: "90d", meaning: "how long the record of a run is kept"),
    Key(table: "run", name: "disk_floor", kind: "bytes", fallback: "1073741824", meaning: "bytes that must be free in any case"),
    Key(
      table: "nightly", name: "until", kind: "HH:MM", fallback: "none",
      meaning: "local time after which the night's sweep asks for no more builds"),
    Key(
      table: "nightly", name: "only_newer", kind: "bool", fallback: "false",
      meaning: "sweep only recipes with a version that no sweep has tested yet"),
    Key(table: "upgrade", name: "skip_canonicals", kind: "bool", fallback: "false", meaning: "upgrade from published releases only"),
    Key(
      table: "forge", name: "upstream", kind: "url", fallback: "https://git.coopcloud.tech/coop-cloud/{recipe}.git",
      meaning: "where a recipe's published releases live"),
    Key(table: "forge", name: "url", kind: "url", fallback: "none", meaning: "git host that the token belongs to; it is sent nowhere else"),
    Key(
      table: "forge", name: "token_file", kind: "path", fallback: "none", meaning: "file with the token for private mirrors and comments"),
    Key(table: "forge", name: "bot", kind: "string", fallback: "none", meaning: "the account that the token must belong to"),
    Key(
      table: "forge", name: "repositories", kind: "list", fallback: "none",
      meaning: "owner/name of each recipe's repository whose comments are read"),
    Key(
      table: "forge", name: "allow", kind: "list", fallback: "none",
      meaning: "who may ask for runs beside the members of the owner: numeric ids, or logins"),
    Key(table: "forge", name: "interval", kind: "duration", fallback: "30s", meaning: "how long ccci-poll watch waits between two passes"),
    Key(
      table: "drone", name: "url", kind: "url", fallback: "none",
      meaning: "the Drone server; without it a run cannot ask whether it was cancelled"),
    Key(
      table: "drone", name: "token_file", kind: "path", fallback: "none",
      meaning: "file with a token that may read the builds of cc-ci's repository"),
    Key(
      table: "drone", name: "poll", kind: "duration", fallback: "30s",
      meaning: "how often Drone is asked: by a run whether its build was cancelled, by the sweep how its build stands"),
    Key(
      table: "drone", name: "repository", kind: "string", fallback: "none",
      meaning: "owner/name of cc-ci's own repository in Drone, whose pipeline runs recipes"),
    Key(table: "drone", name: "branch", kind: "string", fallback: "main", meaning: "its branch that is built"),
    Key(
      table: "drone", name: "timeout", kind: "duration", fallback: "60m", meaning: "what Drone lets a build take; after that it is stuck"),
    Key(
      table: "hook", name: "secret_file", kind: "path", fallback: "none",
      meaning: "file with the secret of webhook deliveries; without it each is refused"),
    Key(table: "hook", name: "address", kind: "url", fallback: "none", meaning: "where the git host is to send deliveries"),
    Key(
      table: "keycloak", name: "url", kind: "url", fallback: "none",
      meaning: "the host's own Keycloak; without it a run that needs one brings up its own"),
    Key(table: "keycloak", name: "user", kind: "string", fallback: "admin", meaning: "its administrator"),
    Key(table: "keycloak", name: "password_file", kind: "path", fallback: "none", meaning: "file with the administrator's password"),
    Key(
      table: "alerts", name: "retry", kind: "duration", fallback: "60s",
      meaning: "pause after a sink's first failure; each further one doubles it, up to 6 h"),
    Key(
      table: "alerts.<sink>", name: "command", kind: "list", fallback: "none",
      meaning: "program with its arguments that gets each alert on standard input, as JSON"),
    Key(table: "alerts.<sink>", name: "url", kind: "url", fallback: "none", meaning: "where each alert is POSTed to, as JSON"),
    Key(table: "alerts.<sink>", name: "token_file", kind: "path", fallback: "none", meaning: "file with the bearer token for the url"),
    Key(table: "alerts.<sink>", name: "heartbeat", kind: "bool", fallback: "false", meaning: "one line a day that all is well"),
    Key(
      table: "reconcile", name: "wait", kind: "duration", fallback: "75m",
      meaning: "how long a reconciler waits for runs in flight, new ones held back"),
    Key(table: "reconcile.<app>", name: "recipe", kind: "string", fallback: "the app's name", meaning: "recipe that the shared app is of"),
    Key(table: "reconcile.<app>", name: "domain", kind: "string", fallback: "<app>.<zone>", meaning: "its domain"),
    Key(
      table: "reconcile.<app>", name: "env", kind: "table", fallback: "none",
      meaning: "what its .env must say, COMPOSE_FILE included; values may use {domain}, {zone}, {recipe}"),
    Key(
      table: "reconcile.<app>", name: "secrets", kind: "list of tables", fallback: "none",
      meaning: "name, file and version of each secret that is inserted from a file; a new version brings a changed file in"),
    Key(
      table: "reconcile.<app>", name: "stateful", kind: "bool", fallback: "false",
      meaning: "its volumes are saved before an upgrade and put back by a roll-back"),
    Key(
      table: "reconcile.<app>", name: "health", kind: "path", fallback: "none",
      meaning: "path that answers 200, 301 or 302 when it is healthy; without it swarm's word counts"),
    Key(
      table: "reconcile.<app>", name: "soak", kind: "duration", fallback: "60s",
      meaning: "how long it must stay healthy before a version counts as good"),
    Key(
      table: "reconcile.<app>", name: "update", kind: "auto, hold, observe", fallback: "auto",
      meaning: "to the newest safe version; or the version that runs stays; or nothing is touched and alerts are raised"),
  ]

  /// Reads the settings for this process.
  ///
  /// Under `DRONE=true` build parameters become environment, so there the file alone counts.
  /// Failures: `config` when there is no zone or the named file is missing; `badData` naming file and key.
  public static func read(_ environment: [String: String]) throws(Failure) -> Settings {
    let isDrone = environment["DRONE"] == "true"
    // An empty variable is one that nobody has set.
    let named = environment["CCCI_SETTINGS"].flatMap { $0.isEmpty ? nil : $0 }
    let path = named ?? usualPath
    if named != nil, try Files.status(path) == nil {
      throw Failure(.config, "settings: \(path) does not exist", next: "correct CCCI_SETTINGS, or unset it to use \(usualPath)")
    }
    var root = try StrictTable(file: path)
    var settings = Settings()
    try settings.take(&root)
    if !isDrone { try settings.override(with: environment) }
    guard !settings.host.zone.isEmpty else {
      throw Failure(
        .config, "settings: no zone", why: "apps need a wildcard domain, and \(path) names none",
        next: "add zone = \"ci.example.org\" under [host] in \(path)")
    }
    try settings.check()
    return settings
  }

  /// What only makes sense together, or would be wrong in a file's name and in a certificate.
  private func check() throws(Failure) {
    let labels = host.zone.split(separator: ".", omittingEmptySubsequences: false)
    let isLabel = { (label: Substring) in
      let isPlain = label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
      return isPlain && !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
    }
    guard labels.allSatisfy(isLabel) else {
      throw Failure(
        .badData, "settings: host.zone: \"\(host.zone.prefix(80))\" is no domain",
        next: "write it plain and in lower case, for example ci.example.org")
    }
    try Self.checkPair("forge", forge.url, "token", forge.tokenFile)
    try Self.checkPair("keycloak", keycloak.url, "password", keycloak.passwordFile)
    try Self.checkPair("drone", drone.url, "token", drone.tokenFile)
    let domains = reconcile.apps.map(\.domain)
    guard Set(domains).count == domains.count else {
      throw Failure(
        .badData, "settings: reconcile: two apps have the same domain",
        why: domains.sorted().map(\.text).joined(separator: ", "), next: "give each a domain of its own")
    }
  }

  /// A secret and the address that it goes to come together, and it goes over https only.
  private static func checkPair(_ table: String, _ url: String?, _ what: String, _ file: String?) throws(Failure) {
    let never = "settings: \(table): the \(what) would never be sent"
    guard (url == nil) == (file == nil) else {
      throw Failure(
        .config, never, why: "it goes to the https address of [\(table)] url, and comes from \(what)_file", next: "set both, or neither")
    }
    guard let url, !url.hasPrefix("https://"), !URLText.isLoopback(url) else { return }
    throw Failure(
      .config, never, why: "\(Console.line(url).prefix(80)) is no https address", next: "use an https:// address for [\(table)] url")
  }

  private mutating func take(_ root: inout StrictTable) throws(Failure) {
    if var table = try root.table("host") {
      try host.take(&table)
      try table.finish()
    }
    if var table = try root.table("run") {
      try run.take(&table)
      try table.finish()
    }
    if var table = try root.table("forge") {
      try forge.take(&table)
      try table.finish()
    }
    if var table = try root.table("drone") {
      try drone.take(&table)
      try table.finish()
    }
    if var table = try root.table("hook") {
      try hook.take(&table)
      try table.finish()
    }
    if var table = try root.table("keycloak") {
      try keycloak.take(&table)
      try table.finish()
    }
    if var table = try root.table("alerts") {
      try alerts.take(&table)
      try table.finish()
    }
    if var table = try root.table("reconcile") {
      try reconcile.take(&table, zone: host.zone)
      try table.finish()
    }
    if var table = try root.table("nightly") {
      nightly.onlyNewer = try table.bool("only_newer") ?? nightly.onlyNewer
      if let text = try table.string("until") {
        guard let until = DayTime(text) else {
          throw table.problem("until", "\"\(text.prefix(20))\" is no time of the day", next: "for example \"06:00\"")
        }
        nightly.until = until
      }
      try table.finish()
    }
    if var table = try root.table("upgrade") {
      upgradeSkipsCanonicals = try table.bool("skip_canonicals") ?? upgradeSkipsCanonicals
      try table.finish()
    }
    try root.finish()
  }

  /// `CCCI_<TABLE>_<KEY>` over the file: each variable is read as a file with that key alone would be.
  private mutating func override(with environment: [String: String]) throws(Failure) {
    try Self.refuseUnknown(environment)
    for key in Self.keys where !key.isOfMany {
      guard let text = environment[key.variable] else { continue }
      let isNumber = key.kind == "bytes" || key.kind.contains("…")
      let node: TOMLNode =
        key.kind == "list"
        ? .array(text.split(separator: ",").map { .string(String($0)) })
        : key.kind == "bool"
          ? Bool(text).map { .bool($0) } ?? .string(text) : isNumber ? Int(text).map { .integer($0) } ?? .string(text) : .string(text)
      var root = StrictTable([key.table: .table([key.name: node])], path: key.variable)
      try take(&root)
    }
  }

  /// Begin like settings and are none: what a run tells the tests of a recipe.
  private static let others = ["CCCI_RUN_DIR"]

  /// A variable that was mistyped must not look like one that is obeyed.
  private static func refuseUnknown(_ environment: [String: String]) throws(Failure) {
    let known = keys.filter { !$0.isOfMany }
    let beginnings = Set(known.map { "CCCI_\($0.table.uppercased())_" })
    let names = known.map(\.variable)
    for variable in environment.keys.sorted() where beginnings.contains(where: variable.hasPrefix) {
      guard !names.contains(variable), !others.contains(variable) else { continue }
      let near = Nearest.name(to: variable, among: names).map { "did you mean \($0)? " } ?? ""
      throw Failure(.badData, "\(variable): is no setting", next: "\(near)docs/settings.md has them all; or unset it")
    }
  }
}

extension Settings.HostSettings {
  fileprivate mutating func take(_ table: inout StrictTable) throws(Failure) {
    zone = try table.string("zone") ?? zone
    shelf = try table.path("shelf") ?? shelf
    runs = try table.path("runs") ?? runs
    tests = try table.path("tests") ?? tests
    lock = try table.path("lock") ?? lock
    engine = try table.path("engine") ?? engine
    abra = try table.string("abra") ?? abra
    abraDirectory = try table.path("abra_dir") ?? abraDirectory
    server = try table.string("server") ?? server
    proxy = try table.string("proxy") ?? proxy
    authorities = try table.path("ca") ?? authorities
  }
}

extension Settings.RunSettings {
  fileprivate mutating func take(_ table: inout StrictTable) throws(Failure) {
    capacity = try table.integer("capacity", in: 1...64) ?? capacity
    deadline = try table.time("deadline") ?? deadline
    teardown = try table.duration("teardown") ?? teardown
    silence = try table.duration("silence") ?? silence
    overlayLimit = try table.time("overlay_limit") ?? overlayLimit
    keep = try table.duration("keep") ?? keep
    diskRefuse = try table.integer("disk_refuse", in: 1...100) ?? diskRefuse
    diskWarn = try table.integer("disk_warn", in: 1...100) ?? diskWarn
    diskAct = try table.integer("disk_act", in: 1...100) ?? diskAct
    retention = try table.duration("retention") ?? retention
    diskFloor = try table.integer("disk_floor", in: 0...(1 << 50)) ?? diskFloor
  }
}

extension Settings.DroneSettings {
  fileprivate mutating func take(_ table: inout StrictTable) throws(Failure) {
    url = try table.string("url") ?? url
    tokenFile = try table.path("token_file") ?? tokenFile
    poll = try table.duration("poll") ?? poll
    repository = try table.string("repository") ?? repository
    branch = try table.string("branch") ?? branch
    timeout = try table.duration("timeout") ?? timeout
  }
}

extension Settings.HookSettings {
  fileprivate mutating func take(_ table: inout StrictTable) throws(Failure) {
    secretFile = try table.path("secret_file") ?? secretFile
    address = try table.string("address") ?? address
  }
}

extension Settings.KeycloakSettings {
  fileprivate mutating func take(_ table: inout StrictTable) throws(Failure) {
    url = try table.string("url") ?? url
    user = try table.string("user") ?? user
    passwordFile = try table.path("password_file") ?? passwordFile
  }
}

extension Settings.ForgeSettings {
  fileprivate mutating func take(_ table: inout StrictTable) throws(Failure) {
    upstream = try table.string("upstream") ?? upstream
    url = try table.string("url") ?? url
    tokenFile = try table.path("token_file") ?? tokenFile
    bot = try table.string("bot") ?? bot
    repositories = try table.strings("repositories") ?? repositories
    allow = try table.strings("allow") ?? allow
    interval = try table.duration("interval") ?? interval
  }
}

extension StrictTable {
  /// A duration in which something can be done.
  mutating func time(_ key: String) throws(Failure) -> Duration? {
    let duration = try duration(key)
    guard duration != .zero else { throw problem(key, "must be longer than nothing", next: "for example \"10m\"") }
    return duration
  }

  /// An absolute path.
  mutating func path(_ key: String) throws(Failure) -> String? {
    guard let text = try string(key) else { return nil }
    guard text.hasPrefix("/") else { throw problem(key, "\"\(text)\" is no absolute path", next: "begin it with /") }
    return text
  }
}

extension Settings {
  /// The table of `docs/settings.md`.
  public static var table: String {
    let rows = keys.map { key in
      let variable = key.isOfMany ? "" : "`\(key.variable)`"
      return "| `[\(key.table)] \(key.name)` | \(key.kind) | \(key.fallback) | \(key.meaning) | \(variable) |"
    }
    return (["| key | kind | default | meaning | variable |", "|---|---|---|---|---|"] + rows).joined(separator: "\n")
  }
}

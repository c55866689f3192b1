import Testing

@testable import CCCICore

@Suite struct SettingsTests {
  /// Reads a text as the settings file, with a zone unless it has one.
  private static func read(_ text: String, _ environment: [String: String] = [:]) throws -> Settings {
    let folder = try TemporaryFolder()
    let whole = text.contains("zone") || text.contains("[host]") ? text : "[host]\nzone = \"ci.example.org\"\n\(text)"
    try Files.write(Array(whole.utf8), to: folder("settings.toml"))
    return try Settings.read(environment.merging(["CCCI_SETTINGS": folder("settings.toml")]) { $1 })
  }

  private static var plain: Settings {
    var settings = Settings()
    settings.host.zone = "ci.example.org"
    return settings
  }

  @Test func `a zone is enough, and everything else has its documented default`() throws {
    #expect(try Self.read("") == Self.plain)
    for key in Settings.keys where !["required", "none", "system"].contains(key.fallback) && !key.isOfMany {
      let isText = !(key.kind == "bool" || key.kind == "bytes" || key.kind.contains("…"))
      let line = "\(key.name) = \(isText ? "\"\(key.fallback)\"" : key.fallback)"
      let text = key.table == "host" ? "[host]\nzone = \"ci.example.org\"\n\(line)" : "[\(key.table)]\n\(line)"
      #expect(try Self.read(text) == Self.plain, "\(key.table).\(key.name)")
    }
  }

  /// A value that is not the default, as TOML and as a variable has it.
  private static func other(_ key: Settings.Key) -> (toml: String, text: String) {
    switch key.kind {
    case "bool": ("true", "true")
    case "bytes",
      _ where key.kind.contains("…"):
      ("7", "7")
    case "duration": ("\"7m\"", "7m")
    case "list": ("[\"a/one\", \"a/two\"]", "a/one,a/two")
    case "url": ("\"https://other.example.org/\"", "https://other.example.org/")
    case "path": ("\"/other\"", "/other")
    case "HH:MM": ("\"7:00\"", "7:00")
    default: ("\"other\"", "other")
    }
  }

  @Test func `every documented key is read from the file and from its variable, and no other is`() throws {
    for key in Settings.keys where !key.isOfMany {
      let value = Self.other(key)
      let variable = "CCCI_\(key.table)_\(key.name)".uppercased()
      // The token and its address come together.
      let secret = key.table == "keycloak" ? "password_file" : "token_file"
      let partner = ["url": (secret, "/t"), secret: ("url", "https://t.example.org/")][key.name]
      let more = partner.map { "\n\($0.0) = \"\($0.1)\"" } ?? ""
      let zone = key.table == "host" && key.name != "zone" ? "zone = \"ci.example.org\"\n" : ""
      let file = try Self.read("[\(key.table)]\n\(zone)\(key.name) = \(value.toml)\(more)")
      #expect(file != Self.plain, "\(key.table).\(key.name) changes nothing")
      let variables = [variable: value.text].merging(partner.map { ["CCCI_\(key.table)_\($0.0)".uppercased(): $0.1] } ?? [:]) { $1 }
      #expect(try Self.read("", variables) == file, "\(variable)")
      #expect(try Self.read("", variables.merging(["DRONE": "true"]) { $1 }) == Self.plain, "under Drone the file alone counts")
    }
    for table in ["host", "run", "forge", "drone", "hook", "keycloak", "nightly", "upgrade"] {
      let failure = #expect(throws: Failure.self) { try Self.read("[\(table)]\nqqqqqqq = 1\n\(table == "host" ? "zone = \"z.org\"" : "")") }
      let known = Settings.keys.filter { $0.table == table }.map(\.name).sorted().joined(separator: ", ")
      #expect(failure?.next == "known here: \(known)")
    }
  }

  @Test func `shared apps have tables of their own, with a default for every key`() throws {
    let text = """
      [reconcile]
      wait = "2h"
      [reconcile.traefik]
      stateful = false
      soak = "5s"
      update = "hold"
      secrets = [{ name = "ssl_cert", file = "/run/secrets/cert", version = "v2" }]
      [reconcile.traefik.env]
      COMPOSE_FILE = "compose.yml:compose.wildcard.yml"
      [reconcile.login]
      recipe = "keycloak"
      domain = "login.ci.example.org"
      stateful = true
      health = "/realms/master"
      """
    let settings = try Self.read(text, ["CCCI_RECONCILE_WAIT": "90m"]).reconcile
    #expect(settings.wait == .seconds(5400) && settings.apps.map(\.name) == ["login", "traefik"])
    var traefik = ReconcileSettings.App(name: "traefik", recipe: try RecipeName("traefik"), domain: AppDomain("traefik.ci.example.org"))
    traefik.env = ["COMPOSE_FILE": "compose.yml:compose.wildcard.yml"]
    traefik.secrets = [ReconcileSettings.Secret(name: "ssl_cert", file: "/run/secrets/cert", version: "v2")]
    (traefik.soak, traefik.update) = (.seconds(5), .hold)
    #expect(try settings.app("traefik") == traefik)
    let login = try settings.app("login")
    #expect(login.recipe.text == "keycloak" && login.isStateful && login.health == "/realms/master" && login.soak == .seconds(60))
    // Its folder on the shelf is the shared app's.
    let whole = try Self.read(text)
    #expect(whole.canonical(of: try RecipeName("traefik")).text == "warm-canon-traefik.ci.example.org")
    #expect(whole.canonical(of: try RecipeName("keycloak")).text == "warm-keycloak.ci.example.org")
    let failure = #expect(throws: Failure.self) { try settings.app("traefk") }
    #expect(failure?.code == .usage && failure?.next.contains("did you mean traefik?") == true)
  }

  @Test(arguments: [
    ("[reconcile.Traefik]\n", "Traefik"), ("[reconcile.poll]\n", "poll"), ("[reconcile.a]\nupdate = \"never\"", "a.update"),
    ("[reconcile.a]\nhealth = \"x\"", "a.health"), ("[reconcile.a]\ndomain = \"x\"", "a.domain"),
    ("[reconcile.a]\nrecipe = \"../x\"", "a.recipe"),
    ("[reconcile.a]\nsoak = \"soon\"", "a.soak"), ("[reconcile.a]\nenv = { A = \"{nothing}\" }", "a.env.A"),
    ("[reconcile.a]\nsecrets = [{ name = \"x\" }]", "a.secrets[0].file"), ("[reconcile.a]\nstatefull = true", "a.statefull"),
    ("[reconcile.a]\nsecrets = [{ name = \"x\", file = \"/x\", version = \"2\" }]", "a.secrets[0].version"),
    ("[reconcile.a]\ndomain = \"x.y.z\"\n[reconcile.b]\ndomain = \"x.y.z\"", "same domain"),
  ])
  func `what a shared app's table says wrongly is named`(text: String, place: String) {
    let failure = #expect(throws: Failure.self) { try Self.read(text) }
    #expect(failure?.code == .badData && failure?.sentence.contains(place) == true, "\(String(describing: failure))")
  }

  @Test func `sinks of alerts have names of their own, and keep them under a variable`() throws {
    let text = """
      [alerts]
      retry = "5s"
      [alerts.mail]
      command = ["/usr/bin/mail", "root"]
      heartbeat = true
      [alerts.chat]
      url = "https://chat.example.org/hook"
      token_file = "/run/secrets/chat"
      """
    let settings = try Self.read(text, ["CCCI_ALERTS_RETRY": "7m"]).alerts
    #expect(settings.retry == .seconds(420))
    #expect(
      settings.sinks == [
        AlertSettings.Sink(name: "chat", way: .post(url: "https://chat.example.org/hook", tokenFile: "/run/secrets/chat")),
        AlertSettings.Sink(name: "mail", way: .command(["/usr/bin/mail", "root"]), heartbeat: true),
      ])
    let failure = #expect(throws: Failure.self) { try Self.read("[alerts.mail]\ncomand = [\"/bin/true\"]") }
    #expect(failure?.code == .badData)
  }

  @Test func `a variable wins over the file`() throws {
    let text = "[run]\ncapacity = 2\ndeadline = \"10m\""
    let settings = try Self.read(
      text, ["CCCI_RUN_CAPACITY": "3", "CCCI_HOST_ZONE": "other.example.org", "CCCI_UPGRADE_SKIP_CANONICALS": "true"])
    #expect(settings.run.capacity == 3 && settings.run.deadline == .seconds(600) && settings.host.zone == "other.example.org")
    let upstream = settings.forge.upstream(of: try RecipeName("notes"))
    #expect(settings.upgradeSkipsCanonicals && upstream.hasSuffix("/coop-cloud/notes.git"))
  }

  @Test(arguments: [
    ("[host]\nzone = 1", "host.zone", "string"), ("[host]\nzone = \"z.org\"\nshelf = \"warm\"", "host.shelf", "begin it with /"),
    ("[host]\nzone = \"z.org\"\nrun = \"/x\"", "host.run", "did you mean host.runs?"),
    ("[hots]\nzone = \"z.org\"", "hots", "did you mean host?"),
    ("host = 1 # zone", "host", "must be a table"), ("[run]\ncapacity = 0", "run.capacity", "from 1 to 64"),
    ("[run]\ncapacity = 65", "run.capacity", "from 1 to 64"), ("[run]\ncapacity = \"2\"", "run.capacity", "whole number"),
    ("[run]\ncapacity = 1.5", "run.capacity", "whole number"), ("[run]\ndeadline = 52", "run.deadline", "string"),
    ("[run]\ndeadline = \"52\"", "run.deadline", "no duration"),
    ("[run]\ndeadline = \"0s\"", "run.deadline", "longer than nothing"), ("[reconcile.poll]\n", "reconcile.poll", "folders of the shelf"),
    ("[run]\ndisk_refuse = 101", "run.disk_refuse", "from 1 to 100"),
    ("[run]\ndisk_flor = 1", "run.disk_flor", "did you mean run.disk_floor?"), ("[run]\ndisk_floor = -1", "run.disk_floor", "from 0"),
    ("[upgrade]\nskip_canonicals = \"yes\"", "upgrade.skip_canonicals", "true or false"),
    ("[forge]\ntoken = \"x\"", "forge.token", "known here: allow, bot, interval, repositories, token_file, upstream, url"),
    ("[forge]\ntoken_file = \"t\"", "forge.token_file", "begin it with /"), ("[run]\ncapacity = ", "line 4", ""),
    ("[run]\n[run]", "line 4", ""),
    ("zone = \"z.org\"", "zone", "known here: alerts, drone, forge, hook, host, keycloak, nightly, reconcile, run, upgrade"),
  ])
  func `a broken file names itself, the key and the way out`(text: String, key: String, words: String) throws {
    let failure = try #require(#expect(throws: Failure.self) { try Self.read(text) })
    #expect(failure.code == .badData && failure.what.contains("settings.toml: \(key)"), "\(failure)")
    #expect("\(failure.sentence) \(failure.next)".contains(words), "\(failure)")
  }

  @Test(arguments: [
    ("CCCI_RUN_CAPACITY", "many", "run.capacity"), ("CCCI_RUN_DEADLINE", "52", "run.deadline"), ("CCCI_RUN_DEADLINE", "0s", "run.deadline"),
    ("CCCI_HOST_SHELF", "warm", "host.shelf"), ("CCCI_UPGRADE_SKIP_CANONICALS", "1", "upgrade.skip_canonicals"),
  ])
  func `a broken variable is named, and what it sets`(name: String, value: String, key: String) {
    let failure = #expect(throws: Failure.self) { try Self.read("", [name: value]) }
    #expect(failure?.code == .badData && failure?.what == "\(name): \(key)", "\(String(describing: failure))")
  }

  @Test func `a variable that looks like a setting and is none is refused`() throws {
    let failure = #expect(throws: Failure.self) { try Self.read("", ["CCCI_RUN_CAPACTIY": "3"]) }
    #expect(
      failure?.code == .badData && failure?.next.hasPrefix("did you mean CCCI_RUN_CAPACITY? ") == true, "\(String(describing: failure))")
    #expect(throws: Failure.self) { try Self.read("", ["CCCI_ALERTS_MAIL_URL": "https://x"]) }
    // What runs, Drone and tests have beside them.
    let others = [
      "CCCI_RUN_DIR", "CCCI_QUICK", "CCCI_TRIGGER", "CCCI_SKIP_GENERIC_UPGRADE", "CCCI_COOKIE", "CCCI_JANITOR_MAX_AGE", "CCCI_ANY",
    ]
    #expect(try Self.read("", Dictionary(uniqueKeysWithValues: others.map { ($0, "x") })) == Self.plain)
    #expect(try Self.read("", ["CCCI_RUN_CAPACTIY": "3", "DRONE": "true"]) == Self.plain)
  }

  @Test(arguments: [
    "CI.example.org", "*.ci.example.org", ".ci.example.org", "ci.example.org.", "ci example.org", "../x", "-a.org", "a-.org", "ci..org",
    "é.org", "a/b",
  ])
  func `a zone that is no plain domain is refused`(zone: String) {
    let failure = #expect(throws: Failure.self) { try Self.read("[host]\nzone = \"\(zone)\"") }
    #expect(failure?.code == .badData && failure?.what.contains("host.zone") == true)
  }

  @Test(arguments: [
    ("url = \"https://git.example.org\"", "set both, or neither"), ("token_file = \"/run/secrets/t\"", "set both, or neither"),
    ("url = \"http://git.example.org\"\ntoken_file = \"/t\"", "use an https:// address for [forge] url"),
    ("url = \"http://127.0.0.1.example.org\"\ntoken_file = \"/t\"", "use an https:// address for [forge] url"),
  ])
  func `a token that would never be sent is refused`(lines: String, next: String) {
    let failure = #expect(throws: Failure.self) { try Self.read("[forge]\n\(lines)") }
    #expect(failure?.code == .config && failure?.next == next)
  }

  @Test func `without a zone or without the file that is named there are no settings`() throws {
    let folder = try TemporaryFolder()
    for (environment, words) in [
      (["CCCI_SETTINGS": folder("none.toml")], "does not exist"), (["CCCI_SETTINGS": "none.toml", "CCCI_HOST_ZONE": "z.org"], "none.toml"),
    ] { #expect(throws: Failure.self) { try Settings.read(environment) }.map { #expect($0.what.contains(words)) } }
    try Files.write([], to: folder("settings.toml"))
    let failure = #expect(throws: Failure.self) { try Settings.read(["CCCI_SETTINGS": folder("settings.toml")]) }
    #expect(failure?.code == .config && failure?.what == "settings: no zone" && failure?.next.contains("[host]") == true)
    let zone = try Settings.read(["CCCI_SETTINGS": folder("settings.toml"), "CCCI_HOST_ZONE": "z.org"])
    #expect(zone.host.zone == "z.org")
    let usual = ["CCCI_HOST_ZONE": "z.org"]
    #expect(try Settings.read(usual.merging(["CCCI_SETTINGS": ""]) { $1 }) == Settings.read(usual), "an empty variable names no file")
  }
}

@Suite struct ExitCodeTests {
  @Test func `codes are distinct, known by their number, and never 78`() {
    let statuses = ExitCode.fixed.map(\.status)
    #expect(
      statuses == statuses.sorted() && Set(statuses).count == statuses.count && !statuses.contains(78) && !statuses.contains { $0 > 127 })
    for code in ExitCode.fixed { #expect(ExitCode.of(code.status) == code && !code.name.isEmpty) }
    for signal: Int32 in [1, 2, 9, 15] {
      #expect(ExitCode.of(128 + signal) == .stopped(signal: signal) && ExitCode.stopped(signal: signal).name == "stopped")
    }
    #expect(Set(ExitCode.fixed.map(\.name)).count == ExitCode.fixed.count)
  }

  @Test func `every failure has a second line`() {
    for code in ExitCode.fixed + [.stopped(signal: 15)] {
      #expect(!Failure(code, "what").hint.isEmpty && Failure(code, "what", next: "do this").hint == "do this")
    }
    #expect(Failure(.no, "what", why: "why").sentence == "what: why" && Failure(.no, "what").sentence == "what")
  }
}

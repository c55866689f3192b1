import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// One shared app of an installation of its own: its recipe under a name of its own, with the releases that a test has published so far.
struct SharedPlace {
  let place: World.Installation
  let name: String
  let sample: String
  let domain: AppDomain
  private let extra: String

  init(_ sample: String, _ extra: String = "") {
    self.sample = sample
    self.extra = extra
    name = "rec-\(RandomID.hex(6))"
    place = World.Installation.own(name)
    domain = AppDomain("\(name).ci.localhost")
  }

  var folder: ShelfFolder { ShelfFolder(shelf: "\(place.folder)/shelf", name: name) }
  var alerts: Alerts { Alerts(shelf: "\(place.folder)/shelf") }
  var engine: Engine { Engine(host: World.host, socket: "/var/run/docker.sock") }
  var secret: String { "\(place.folder)/password" }
  var env: String { "\(World.folder)/abra-home/servers/default/\(domain).env" }
  private var repository: String { "\(World.folder)/git/coop-cloud/\(name).git" }

  /// Settings of the world, with the app's table.
  ///
  /// - Parameter lines: of `[reconcile.<app>]`, over the usual ones by key.
  func settle(_ lines: [String: String] = [:], wait: String = "60s") throws {
    try Files.createDirectory(place.folder)
    if try Files.status(secret) == nil { try Files.write(Array("first-password-\(RandomID.hex(6))".utf8), to: secret, mode: 0o600) }
    let usual = ["recipe": "\"\(name)\"", "domain": "\"\(domain)\"", "soak": "\"2s\""].merging(lines) { $1 }
    let table = usual.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
    let base = String(decoding: try Files.read("\(World.folder)/settings.toml"), as: UTF8.self)
    let text = "\(base)[reconcile]\nwait = \"\(wait)\"\n[reconcile.\(name)]\n\(table)\(extra)"
    try Files.write(Array(text.utf8), to: "\(place.folder)/settings.toml")
  }

  var environment: [String: String] { place.environment.merging(["CCCI_SETTINGS": "\(place.folder)/settings.toml"]) { $1 } }

  /// Publishes releases of the sample recipe.
  func publish(_ versions: String...) async throws {
    if try Files.status(repository) == nil {
      _ = try await World.shell("git", ["init", "--quiet", "--bare", "--initial-branch=main", repository])
    }
    for version in versions {
      _ = try await World.shell(
        "git",
        [
          "-C", "\(World.folder)/git/coop-cloud/\(sample).git", "push", "--quiet", "--force", repository, "refs/tags/\(version)",
          "\(version)^{commit}:refs/heads/main",
        ])
    }
  }

  /// Publishes the newest release with changes as another version.
  func publish(_ version: String, over: String, replacing changes: [(String, String)], note: String? = nil) async throws {
    let clone = "\(place.folder)/clone-\(RandomID.hex(6))"
    defer { _ = try? Files.removeTree(clone) }
    _ = try await World.shell("git", ["clone", "--quiet", repository, clone])
    var compose = String(decoding: try Files.read("\(clone)/compose.yml"), as: UTF8.self).replacing(
      "version=\(over)\"", with: "version=\(version)\"")
    for (old, new) in changes {
      try #require(compose.contains(old))
      compose = compose.replacing(old, with: new)
    }
    try Files.write(Array(compose.utf8), to: "\(clone)/compose.yml")
    if let note {
      try Files.createDirectory("\(clone)/release")
      try Files.write(Array(note.utf8), to: "\(clone)/release/\(version)")
    }
    let git = ["-C", clone, "-c", "user.name=tester", "-c", "user.email=tester@ci.localhost"]
    for words in [["add", "--all"], ["commit", "--quiet", "-m", version], ["tag", "-a", version, "-m", version]] {
      _ = try await World.shell("git", git + words)
    }
    _ = try await World.shell("git", ["-C", clone, "push", "--quiet", "origin", "HEAD:refs/heads/main", "refs/tags/\(version)"])
  }

  func reconcile(_ more: String..., with values: [String: String] = [:]) async throws -> World.Outcome {
    try await reconcile(more, with: values)
  }

  func reconcile(_ more: [String], with values: [String: String] = [:]) async throws -> World.Outcome {
    try await World.run([name] + more, command: "ccci-reconcile", with: environment.merging(values) { $1 }, limit: .seconds(240))
  }

  /// As an operator does it.
  func deployByHand(_ version: String) async throws {
    let home = "\(folder.path)/abra"
    _ = try await World.shell("git", ["-C", "\(home)/recipes/\(name)", "fetch", "--quiet", "--tags", repository])
    let command = Command(
      "abra", ["app", "deploy", domain.text, version, "-n", "-o", "-D", "-f", "-c"],
      environment: World.environment().merging(["ABRA_DIR": home]) { $1 }, limit: .seconds(120))
    let done = try await World.host.run(command)
    #expect(done.ok, "\(done)")
  }

  /// Starts a pass and sends it a signal so many milliseconds after it came to a step. nil when it ended before.
  func stopped(at step: ReconcileState.Step, after wait: Int = 0, by signal: Int32 = SIGKILL) async throws -> World.Outcome? {
    async let ending = reconcile()
    var done = false
    for _ in 0..<20_000 {
      let state = try? folder.readReconcileState()
      if state?.step == step, let process = try processes().first {
        try await Task.sleep(for: .milliseconds(wait))
        done = kill(process, signal) == 0
        break
      }
      if let last = state?.last, state?.step == .idle, last != .current, last != .started { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    let outcome = try await ending
    return done ? outcome : nil
  }

  /// The command's own processes for this app.
  private func processes() throws -> [Int32] {
    try Files.list("/proc").compactMap { Int32($0) }.filter { process in
      guard let line = try? Files.read("/proc/\(process)/cmdline") else { return false }
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return words.first?.hasSuffix("/ccci-reconcile") == true && words.contains(name)
    }
  }

  func services() async throws -> [ServiceState] { try await engine.services(stack: domain.stack) }

  /// The version label of what runs.
  func running() async throws -> String? {
    try await services().lazy.compactMap { $0.labels["coop-cloud.\(domain.stack).version"] }.first
  }

  /// What the Keycloak stand-in has in its volume.
  func data() throws -> (format: Int, realms: [String]) {
    struct Kept: Decodable {
      var format: Int?
      var names: [String]
      struct Key: CodingKey {
        var stringValue: String
        init(stringValue: String) { self.stringValue = stringValue }
        var intValue: Int? { nil }
        init?(intValue: Int) { nil }
      }
      init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: Key.self)
        format = try? all.decode(Int.self, forKey: Key(stringValue: "format"))
        let realms = format == nil ? all : try all.nestedContainer(keyedBy: Key.self, forKey: Key(stringValue: "realms"))
        names = realms.allKeys.map(\.stringValue).sorted()
      }
    }
    let bytes = try Files.read("/var/lib/docker/volumes/\(domain.stack)_data/_data/realms.json")
    let kept = try JSONDecoder().decode(Kept.self, from: Data(bytes))
    return (kept.format ?? 1, kept.names)
  }

  /// Makes a realm through the app's own interface.
  func create(realm: String) async throws {
    let keycloak = Keycloak(
      host: World.host, url: "https://\(domain)", administrator: "admin",
      password: String(decoding: try Files.read(secret), as: UTF8.self), authorities: "\(World.folder)/ca/bundle.pem")
    let new = Keycloak.NewRealm(
      realm: realm, attributes: [:],
      client: Keycloak.NewRealm.Client(clientId: "client", secret: RandomID.hex(12), redirectUris: ["https://x/*"]),
      user: Keycloak.NewRealm.User(id: RandomID.hex(16), username: "user", password: RandomID.hex(12)))
    #expect(try await keycloak.create(new))
  }

  /// How often abra deployed the app.
  func deploys() throws -> Int {
    let log = String(decoding: try Files.readIfPresent("\(World.folder)/abra-calls.jsonl") ?? [], as: UTF8.self)
    return log.split(separator: "\n").count { $0.contains("\"deploy\", \"\(domain)\"") }
  }

  func reasons() throws -> [Alert.Reason] { try alerts.waiting().map(\.alert.reason) }

  /// Everything of the app goes.
  func forget() async throws {
    let report = await Teardown(host: World.host, engine: engine, abra: nil, env: env, domain: domain).remove()
    #expect(report.isClean, "\(report)")
    try Files.removeTree(repository)
    try Files.removeTree(place.folder)
  }
}

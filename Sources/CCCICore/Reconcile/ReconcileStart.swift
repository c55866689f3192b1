import FoundationEssentials

/// What stands before a pass: checks of the host, locks, what an earlier pass left running.
struct ReconcileStart: Sendable {
  let tool: Tool
  let settings: Settings
  let app: ReconcileSettings.App

  /// - Parameter isDry: decide only.
  func run(isDry: Bool) async throws(Failure) -> Reconciler.Ending {
    let gate = try SignalGate.install()
    let work = Task { () async -> Result<Reconciler.Ending, Failure> in
      do throws(Failure) { return .success(try await begin(isDry: isDry)) } catch { return .failure(error) }
    }
    gate.onFirst { _ in work.cancel() }
    switch await work.value {
    case .success(let ending): return ending
    case .failure(let failure):
      guard let signal = gate.first, failure == .cancelled else { throw failure }
      throw Failure(
        .stopped(signal: signal), "\(app.name): stopped by signal \(signal)", why: "the next pass goes on from there",
        next: "ccci-reconcile \(app.name)")
    }
  }

  private func begin(isDry: Bool) async throws(Failure) -> Reconciler.Ending {
    try Preflight.checkEnvironment(tool.environment)
    try HostSecrets(folder: "/run/secrets").add(to: tool.console.mask)
    // One that only looks is in nobody's way.
    if isDry { return try await looking { (app) async throws(Failure) in try await Reconciler(app: app).check() } }
    if app.update == .observe { return try await looking { (app) async throws(Failure) in try await Reconciler(app: app).pass() } }
    return try await pass()
  }

  /// With a checkout of its own, and no lock.
  private func looking(
    _ body: (SharedApp) async throws(Failure) -> Reconciler.Ending
  ) async throws(Failure) -> Reconciler.Ending {
    let folder = try Self.temporary(tool.environment["TMPDIR"] ?? "/tmp")
    do throws(Failure) {
      let ending = try await body(shared(home: "\(folder)/abra", cookie: nil))
      try Files.removeTree(folder)
      return ending
    } catch {
      try Files.removeTree(folder)
      throw error
    }
  }

  private func pass() async throws(Failure) -> Reconciler.Ending {
    let engine = Engine(host: tool.host, socket: settings.host.engine)
    let preflight = Preflight(host: tool.host, engine: engine)
    try preflight.checkPrograms([("git", "git")], path: path)
    let root = try await preflight.checkEngine(proxy: settings.host.proxy)
    if app.isStateful { try preflight.checkVolumeAccess(root: root) }
    let locks = try await lock()
    defer { withExtendedLifetime(locks) {} }
    let cookie = "reconcile-\(try Instance.onShelf(settings.host.shelf).id)-\(app.name)"
    let killed = ProcessFamily.kill(cookie: cookie)
    if killed > 0 { tool.console.progress("killed \(killed) processes that an earlier pass left") }
    let folder = ShelfFolder(shelf: settings.host.shelf, name: app.name)
    try Files.createDirectory(folder.path, mode: 0o700)
    try Files.enter("/")
    return try await Reconciler(app: shared(home: "\(folder.path)/abra", cookie: cookie)).pass()
  }

  private func lock() async throws(Failure) -> [FileLock] {
    let locks = HostLocks(folder: settings.host.lock, host: tool.host, holder: "ccci-reconcile \(app.name)") { [console = tool.console] in
      console.progress($0)
    }
    do throws(Failure) {
      return try await ReconcileLocks(locks, domain: app.domain).take(until: .now + settings.reconcile.wait)
    } catch  where error.code == .tryAgain {
      try Alerts(shelf: settings.host.shelf).raise(
        Alert(
          app: app.name, reason: .postponed,
          says: "not looked at within \(DurationText.format(settings.reconcile.wait)): \(error.sentence)",
          ts: tool.host.now()))
      throw error
    }
  }

  private func shared(home: String, cookie: String?) throws(Failure) -> SharedApp {
    var environment = [
      "PATH": path, "HOME": account, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "TERM": "dumb",
      "DOCKER_CONFIG": tool.environment["DOCKER_CONFIG"] ?? "\(account)/.docker",
    ]
    environment["TMPDIR"] = tool.environment["TMPDIR"]
    environment[ProcessFamily.variable] = cookie
    let programs = Programs(host: tool.host, environment: environment)
    let git = Git(
      programs: programs, authorities: settings.host.authorities, credential: try settings.forge.credential(mask: tool.console.mask))
    return SharedApp(
      host: tool.host, settings: settings, app: app, console: tool.console, programs: programs,
      engine: Engine(host: tool.host, socket: settings.host.engine), git: git, home: AbraHome(path: home))
  }

  private var account: String { tool.environment["HOME"] ?? Account.home }

  private var path: String { tool.environment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }

  private static func temporary(_ folder: String) throws(Failure) -> String {
    let path = "\(folder)/ccci-reconcile-\(RandomID.hex(12))"
    guard try Files.createExclusively(directory: path, mode: 0o700) else { throw Failure(.ioError, "\(path): is there already") }
    return path
  }
}

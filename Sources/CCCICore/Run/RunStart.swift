import FoundationEssentials
import Glibc

/// 1 to 4 of the order of a cold run: plan, preflight, locks, record. From there on `WholeRun` has the word.
struct RunStart: Sendable {
  let tool: Tool
  let arguments: RunRequest.Arguments

  /// Everything that is known before anything is touched.
  struct Planned: Sendable {
    var settings: Settings
    var request: RunRequest
    var overlays: OverlayFolder?
    var plan: RunPlan
  }

  func run() async throws(Failure) -> WholeRun.Ending {
    let planned = try plan()
    let stops = try Stops.install(limit: planned.settings.run.deadline, diesWithParent: isDrone || planned.request.diesWithParent)
    let meter = Meter()
    let host = meter.metering(tool.host)
    let (stage, locks) = try await stops.during { () async throws(Failure) in try await prepared(planned, host, until: stops.deadline) }
    defer { withExtendedLifetime(locks) {} }
    let watch = try CancelWatch(planned.settings, environment: tool.environment, host: tool.host, mask: tool.console.mask)
    let watching = Task { [console = tool.console] in await watch?.watch(stops) { console.progress($0) } }
    defer { watching.cancel() }
    return try await WholeRun(stage: stage, stops: stops, meter: meter, plain: tool.host).run()
  }

  /// 1.
  ///
  /// - Parameter mode: what is made of it whatever the arguments say.
  func plan(_ mode: Verdict.Mode? = nil) throws(Failure) -> Planned {
    let environment = tool.environment
    var request = try RunRequest.make(arguments, environment: environment)
    let settings = try Settings.read(environment)
    request.mode = mode ?? request.mode
    if request.mode == .quick { request.mode = try lane(request, settings) }
    let folder = try OverlayFolder.find(argument: request.tests, environment: environment, settings: settings)
    let recipe =
      try folder.map { (folder) throws(Failure) in try RecipeSettings.read(folder.settings(of: request.recipe)) } ?? RecipeSettings()
    let entries = try folder?.entries(of: request.recipe) ?? []
    let overlays = try OverlayPlan.resolve(entries, of: request.recipe, extra: request.extra)
    if let folder, overlays.hooks.contains(ComposeOverlay.fileName) {
      let place = "\(request.recipe)/\(ComposeOverlay.fileName)"
      _ = try ComposeOverlay(try Files.read("\(folder.path)/\(place)"), path: "tests/\(place)")
    }
    let plan = try RunPlan.make(
      RunPlan.Question(
        request: request, settings: settings, recipe: recipe, overlays: overlays, environment: environment,
        isRepoLocalApproved: try folder?.approval().allows(request.recipe) ?? false,
        dependencies: try folder?.dependencies(of: recipe) ?? [:]))
    return Planned(settings: settings, request: request, overlays: folder, plan: plan)
  }

  /// What is published upstream now.
  func published(_ planned: Planned) async throws(Failure) -> [UpgradeBase.Release] {
    let programs = Programs(host: tool.host, environment: ["PATH": path, "HOME": home, "LC_ALL": "C.UTF-8"])
    let git = Git(
      programs: programs, authorities: planned.settings.host.authorities,
      credential: try planned.settings.forge.credential(mask: tool.console.mask))
    return try await git.releases(at: planned.plan.source.upstream)
  }

  /// The same preparations as for a run, and then a promotion. Returns why it was refused after all.
  func promote(_ planned: Planned, to release: UpgradeBase.Release) async throws(Failure) -> String? {
    let stops = try Stops.install(limit: planned.settings.run.deadline, diesWithParent: isDrone)
    let (stage, locks) = try await stops.during { () async throws(Failure) in try await prepared(planned, tool.host, until: stops.deadline)
    }
    defer { withExtendedLifetime(locks) {} }
    return try await PromoteRun(stage: stage, stops: stops, plain: tool.host, release: release).run()
  }

  /// 2 to 4.
  private func prepared(
    _ planned: Planned, _ host: Host, until deadline: ContinuousClock.Instant
  ) async throws(Failure) -> (Stage, Held) {
    let checked = try await preflight(planned, host)
    let id = try runID(planned)
    // A little earlier, so that the answer is the wait's own: it says for whom.
    let locks = try await lock(planned, id: id, host: host, until: deadline - .milliseconds(500))
    let stage = try await record(planned, id: id, host: host, abraVersion: checked.abra, held: locks, until: deadline)
    stage.ledger.note { entries in
      entries.abraVersion = checked.abra
      entries.warnings += checked.warnings
    }
    return (stage, locks)
  }

  /// Quick only where there is something known-good to start from.
  private func lane(_ request: RunRequest, _ settings: Settings) throws(Failure) -> Verdict.Mode {
    let folder = ShelfFolder(shelf: settings.host.shelf, domain: settings.canonical(of: request.recipe))
    if try folder.readMeta() != nil, try folder.readCanonical()?.status != .void { return .quick }
    guard request.orCold else {
      throw Failure(
        .noInput, "\(request.recipe): no canonical: run cold first", why: "no usable known-good in \(folder.path)",
        next: "set warm_canonical = true in its recipe.toml, ccci-run \(request.recipe), ccci-snap promote <that run>; or add --or-cold")
    }
    tool.console.progress("\(request.recipe): no canonical: running cold")
    return .cold
  }

  /// 2. abra's version, and warnings.
  private func preflight(_ planned: Planned, _ host: Host) async throws(Failure) -> (abra: String, warnings: [String]) {
    try Preflight.checkEnvironment(tool.environment)
    let settings = planned.settings
    let needsPython =
      planned.plan.overlays.tests.values.contains { $0.contains(where: \.isPytest) } || planned.plan.overlays.hooks.contains("ops.py")
    let preflight = Preflight(host: host, engine: Engine(host: host, socket: settings.host.engine))
    try preflight.checkPrograms(
      [("git", "git"), ("tar", "tar")] + (planned.plan.isRepoLocalApproved ? Cage.programs : [])
        + (needsPython ? [("python3", "python3 python3-pytest")] : []), path: path)
    let root = try await preflight.checkEngine(proxy: settings.host.proxy)
    try preflight.checkVolumeAccess(root: root)
    try Files.createDirectory(settings.host.runs, mode: 0o755)
    try Files.createDirectory(settings.host.shelf, mode: 0o755)
    var warnings = try await preflight.checkAddresses(proxy: settings.host.proxy)
    warnings += try preflight.checkDisk(
      [settings.host.runs, root], settings.disk)
    let programs = Programs(host: host, environment: ["PATH": path, "HOME": home, "LC_ALL": "C.UTF-8"])
    let abra = Abra(programs: programs, program: settings.host.abra, directory: settings.host.abraDirectory, server: settings.host.server)
    let version = try await abra.version()
    return (version, warnings + (version.hasPrefix("0.13.") ? [] : ["abra \(version) is not the 0.13 that cc-ci was made with"]))
  }

  /// 3.
  private func lock(_ planned: Planned, id: String, host: Host, until deadline: ContinuousClock.Instant) async throws(Failure) -> Held {
    let locks = HostLocks(folder: planned.settings.host.lock, host: host, holder: "run \(id) (\(planned.plan.recipe))") {
      [console = tool.console] in console.progress($0)
    }
    let run = RunLocks(locks, capacity: planned.settings.run.capacity, domains: planned.plan.domains)
    return Held(names: run.names, locks: try await run.take(until: deadline))
  }

  private struct Held: Sendable {
    var names: [String]
    var locks: [FileLock]
  }

  /// 4. The directory and `run.json`, before any side effect.
  private func record(
    _ planned: Planned, id: String, host: Host, abraVersion: String, held: Held, until deadline: ContinuousClock.Instant
  ) async throws(Failure) -> Stage {
    let settings = planned.settings
    let directory = RunDirectory(runs: settings.host.runs, id: id)
    guard try directory.create() else {
      throw Failure(.tryAgain, "run \(id): has a record already", next: "name another one with --run-id, or leave it out")
    }
    let cookie = RandomID.hex(32)
    let programs = programs(directory: directory, cookie: cookie, host: host)
    let git = Git(
      programs: programs, authorities: settings.host.authorities, credential: try settings.forge.credential(mask: tool.console.mask))
    try HostSecrets(folder: "/run/secrets").add(to: tool.console.mask)
    try planned.overlays?.copy(for: [planned.plan.recipe] + planned.plan.dependencies.map(\.recipe), to: directory.tests)
    try OverlayContext(planned.plan, zone: settings.host.zone).begin(directory)
    let owner = "\(try Instance.onShelf(settings.host.shelf).id)/\(id)"
    let now = host.now()
    let commit: CommitID? = if case .commit(let commit, _) = planned.plan.target { commit } else { nil }
    var testsCommit = ""
    if let overlays = planned.overlays { testsCommit = try await git.headOfRepository(around: overlays.path)?.text ?? "" }
    let record = RunRecord(
      runID: id, recipe: planned.plan.recipe.text, ref: commit?.text, pr: planned.plan.target.pr, mode: planned.plan.mode, pid: getpid(),
      bootID: try bootID(), cookie: cookie, owner: owner, phase: "record", started: now,
      deadline: now.addingTimeInterval((deadline - .now).seconds), locks: held.names,
      testsCommit: testsCommit,
      trigger: planned.request.trigger, src: planned.plan.source.src, tiers: planned.plan.tiers.map(\.tier), abraVersion: abraVersion,
      host: settings.host.zone)
    // The guard first: from the record's first moment on there is somebody who answers for it.
    try GuardPost(settings: settings, directory: directory, locks: held.locks, environment: tool.environment).start()
    try directory.write(record)
    // What was needed from the working directory is copied: it may be deleted under us.
    try Files.enter("/")
    tool.console.keepLog(at: "\(directory.logs)/run.log")
    tool.console.progress("run \(id): \(planned.plan.recipe), record in \(directory.path)")
    say(planned)
    let abra = Abra(programs: programs, program: settings.host.abra, directory: directory.abra, server: settings.host.server)
    let ledger = Ledger(directory: directory, record: record)
    if planned.overlays == nil { ledger.warn("no tests/ folder found: only generic assertions") }
    let app = AppEnvironment(
      path: AbraHome(path: settings.host.abraDirectory).env(planned.plan.domain, server: settings.host.server), recipe: planned.plan.recipe,
      domain: planned.plan.domain)
    return Stage(
      host: host, settings: settings, request: planned.request, plan: planned.plan, environment: tool.environment, console: tool.console,
      directory: directory, ledger: ledger, programs: programs, engine: Engine(host: host, socket: settings.host.engine), git: git,
      abra: abra,
      app: app, owner: owner)
  }

  /// The manifest: whatever is not the plain generic run.
  private func say(_ planned: Planned) {
    for (key, value) in planned.plan.settings.notAtDefault.sorted(by: { $0.key < $1.key }) {
      tool.console.progress("  setting \(key) = \(value)")
    }
    for dependency in planned.plan.dependencies { tool.console.progress("  needs \(dependency.recipe): \(dependency.words)") }
    for hook in planned.plan.overlays.hooks { tool.console.progress("  hook \(hook)") }
    for (tier, files) in planned.plan.overlays.tests.sorted(by: { $0.key < $1.key }) {
      tool.console.progress("  overlay \(tier.rawValue): \(files.map(\.path).joined(separator: ", "))")
    }
    for (tier, who) in planned.plan.optOuts.sorted(by: { $0.key < $1.key }) {
      tool.console.progress("  !! generic assertions of \(tier.rawValue) are off: \(who)")
    }
  }

  private var isDrone: Bool { tool.environment["DRONE"] == "true" }

  /// Under Drone `HOME` is the workspace's, and is deleted when the build is cancelled.
  private var home: String { (isDrone ? nil : tool.environment["HOME"]) ?? Account.home }

  private var path: String { tool.environment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }

  /// One environment for every program of the run: named, never inherited.
  private func programs(directory: RunDirectory, cookie: String, host: Host) -> Programs {
    var environment = [
      "PATH": path, "HOME": home, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "TERM": "dumb", "CCCI_COOKIE": cookie,
      "DOCKER_CONFIG": tool.environment["DOCKER_CONFIG"] ?? "\(home)/.docker",
    ]
    environment["TMPDIR"] = tool.environment["TMPDIR"]
    let log = CallLog(directory: directory.logs, console: tool.console)
    return Programs(host: host, environment: environment) { log.record($0, $1, $2) }
  }

  private func bootID() throws(Failure) -> String {
    String(decoding: try Files.read("/proc/sys/kernel/random/boot_id"), as: UTF8.self).filter { !$0.isNewline }
  }

  private var stamp: String { tool.host.now().formatted(.iso8601).filter { !"-:".contains($0) } }

  func runID(_ planned: Planned) throws(Failure) -> String {
    if let id = planned.request.runID { return id }
    if planned.plan.mode == .promote { return "p-\(stamp)-\(RandomID.hex(4))" }
    if isDrone, let build = tool.environment["DRONE_BUILD_NUMBER"], let number = Int(build), number > 0 {
      let id = "d\(number)"
      guard try Files.status("\(planned.settings.host.runs)/\(id)") != nil else { return id }
      return "\(id)-\(tool.environment["DRONE_BUILD_CREATED"].flatMap { Int($0) }.map(String.init) ?? RandomID.hex(4))"
    }
    return "m-\(stamp)-\(RandomID.hex(4))"
  }
}

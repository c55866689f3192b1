/// The app that a command line names: its domain, its folder on the shelf, its lock.
struct SnapPlace {
  let settings: Settings
  let folder: ShelfFolder
  let domain: AppDomain

  /// Whether the settings or something on the shelf tell the domain; else it is made of the name.
  let isKnown: Bool

  /// - Parameter name: a domain, or the name of a folder on the shelf.
  init(_ name: String, _ tool: Tool) throws(Failure) {
    settings = try Settings.read(tool.environment)
    folder = try Self.folder(name, settings)
    let own = folder.name
    var told = settings.reconcile.apps.first { $0.name == own }?.domain.text
    if told == nil { told = try folder.readCanonical()?.domain }
    if told == nil { told = try folder.readMeta()?.domain }
    isKnown = told != nil
    domain = AppDomain(name.contains(".") ? name : told ?? "warm-\(name).\(settings.host.zone)")
  }

  /// The folder alone; nothing in it is read.
  static func folder(_ name: String, _ settings: Settings) throws(Failure) -> ShelfFolder {
    let allowed = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
    guard allowed, !name.hasPrefix("."), !name.hasPrefix("-"), !name.contains(".."), !name.isEmpty else {
      throw Failure(
        .usage, "app \"\(name.prefix(80))\": is neither a domain nor a folder on the shelf",
        next: "for example warm-notes.\(settings.host.zone)")
    }
    let shared = settings.reconcile.apps.first { $0.domain.text == name }
    let folder =
      name.contains(".") && shared == nil
      ? ShelfFolder(shelf: settings.host.shelf, domain: AppDomain(name))
      : ShelfFolder(shelf: settings.host.shelf, name: shared?.name ?? name)
    guard !RecipeName.reserved.contains(folder.name) else {
      throw Failure(
        .usage, "app \"\(name.prefix(80))\": its folder would be \(folder.path), which holds something else",
        next: "for example warm-notes.\(settings.host.zone)")
    }
    if name.contains("."), let owner = settings.reconcile.apps.first(where: { $0.name == folder.name }), owner.domain.text != name {
      throw Failure(
        .usage, "app \"\(name.prefix(80))\": its folder \(folder.path) is that of the shared app \(owner.domain)",
        next: "name that one, or correct the domain in [reconcile.\(owner.name)]")
    }
    return folder
  }

  /// What may not be saved by hand: a canonical is moved by promotions alone, and an unfinished upgrade of a shared app needs its snapshot.
  func checkFree() throws(Failure) {
    if try folder.readCanonical() != nil {
      throw Failure(
        .denied, "\(domain): is a canonical", why: "only a green run of a release makes a known-good",
        next: "ccci-snap promote <run>, of a run that ccci-run list shows")
    }
    if let state = try folder.readReconcileState(), state.step != .idle {
      throw Failure(
        .tryAgain, "\(domain): an upgrade is unfinished, at the step \(state.step.rawValue)",
        why: "the snapshot that is there is its way back\(state.to.map { " from \($0)" } ?? "")",
        next: "finish it first: ccci-reconcile \(folder.name)")
    }
  }

  var env: String { "\(settings.host.abraDirectory)/servers/\(settings.host.server)/\(domain).env" }

  func store(_ tool: Tool) -> SnapshotStore {
    SnapshotStore(
      host: tool.host, engine: Engine(host: tool.host, socket: settings.host.engine), folder: folder, domain: domain, env: env)
  }

  /// The lock of every app whose folder this can be, or nil while another command has one of them: where nothing tells the domain, a first
  /// snapshot may just be taken.
  func lockAll(for doing: String) throws(Failure) -> [FileLock]? {
    var paths: Set = [lockPath]
    if !isKnown, try Files.status(settings.host.lock) != nil {
      for name in try Files.list(settings.host.lock) {
        guard ["app-\(folder.name).", "app-warm-\(folder.name)."].contains(where: { name.hasPrefix($0) }) else { continue }
        paths.insert("\(settings.host.lock)/\(name)")
      }
    }
    var locks: [FileLock] = []
    for path in paths.sorted() {
      guard let lock = try FileLock.attempt(path, holder: "ccci-snap \(doing) \(folder.name)") else { return nil }
      locks.append(lock)
    }
    return locks
  }

  /// The app's lock, or `tryAgain` naming who has it.
  func locked(for doing: String) throws(Failure) -> FileLock {
    if let lock = try FileLock.attempt(lockPath, holder: "ccci-snap \(doing) \(folder.name)") { return lock }
    throw Failure(
      .tryAgain, "\(domain): is in use", why: "held by \(FileLock.holder(of: lockPath) ?? "somebody")",
      next: "run it again when that is done")
  }

  private var lockPath: String { "\(settings.host.lock)/app-\(domain)" }

  /// What the snapshot is of, from the command line or from what abra wrote into the app's `.env`: `TYPE=notes:1.0.0+1.2.0`.
  func subject(recipe: String?, version: String?, commit: String?) throws(Failure) -> SnapshotStore.Subject {
    let file = try Files.readIfPresent(env).map { EnvFile(String(decoding: $0, as: UTF8.self)) }
    let type = file?["TYPE"] ?? file?["RECIPE"] ?? ""
    let written = type.split(separator: ":", maxSplits: 1).map(String.init)
    guard let recipe = recipe ?? written.first else {
      throw Failure(
        .usage, "\(domain): the recipe is not known", why: "\(env) says no TYPE", next: "name it: --recipe <name> --version <tag>")
    }
    guard let version = version ?? (written.count > 1 ? written[1] : nil), RecipeVersion(version) != nil else {
      throw Failure(
        .usage, "\(domain): the version is not known", why: "\(env) says TYPE=\(type.prefix(80))", next: "name it: --version <tag>")
    }
    return SnapshotStore.Subject(
      recipe: try RecipeName(recipe), version: version, commit: try commit.map { (text) throws(Failure) in try CommitID.pinned(text) })
  }
}

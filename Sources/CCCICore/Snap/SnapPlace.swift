/// The app that a command line names: its domain, its folder on the shelf, its lock.
struct SnapPlace {
  let settings: Settings
  let folder: ShelfFolder
  let domain: AppDomain

  /// - Parameter name: a domain, or the name of a folder on the shelf.
  init(_ name: String, _ tool: Tool) throws(Failure) {
    settings = try Settings.read(tool.environment)
    folder = try Self.folder(name, settings)
    domain = AppDomain(name.contains(".") ? name : try folder.readMeta()?.domain ?? "warm-\(name).\(settings.host.zone)")
  }

  /// The folder alone; nothing in it is read.
  static func folder(_ name: String, _ settings: Settings) throws(Failure) -> ShelfFolder {
    let allowed = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
    guard allowed, !name.hasPrefix("."), !name.hasPrefix("-"), !name.contains(".."), !name.isEmpty, !["poll", "alerts"].contains(name)
    else {
      throw Failure(
        .usage, "app \"\(name.prefix(80))\": is neither a domain nor a folder on the shelf",
        next: "for example warm-notes.\(settings.host.zone)")
    }
    return name.contains(".")
      ? ShelfFolder(shelf: settings.host.shelf, domain: AppDomain(name)) : ShelfFolder(shelf: settings.host.shelf, name: name)
  }

  var env: String { "\(settings.host.abraDirectory)/servers/\(settings.host.server)/\(domain).env" }

  func store(_ tool: Tool) -> SnapshotStore {
    SnapshotStore(
      host: tool.host, engine: Engine(host: tool.host, socket: settings.host.engine), folder: folder, domain: domain, env: env)
  }

  /// The app's lock, or nil while another command has it.
  func lock(for doing: String) throws(Failure) -> FileLock? {
    try FileLock.attempt(lockPath, holder: "ccci-snap \(doing) \(folder.name)")
  }

  /// The app's lock, or `tryAgain` naming who has it.
  func locked(for doing: String) throws(Failure) -> FileLock {
    if let lock = try lock(for: doing) { return lock }
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

public import ArgumentParser

/// `ccci-snap`.
public struct SnapCommand: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "ccci-snap",
    abstract: "Take, check and put back the known-good snapshot of an app's volumes.",
    discussion: """
      One snapshot an app, taken only while it is undeployed (the engine is asked), replaced in one step, and whole at every moment. An app is named
      by its domain, or by its folder on the shelf: keycloak is the shared app of that name, notes is warm-notes.<zone>. The known-good of a
      canonical is not taken by create, but moved by promote.

      Examples:
        ccci-snap create keycloak.ci.example.org --verify
        ccci-snap restore notes
        ccci-snap verify
        ccci-snap list --json

      Exit codes: 0 done; 1 a snapshot is not sound, or void; 75 the app is deployed or locked; others: see docs/exit-codes.md.
      """,
    version: Toolkit.version,
    subcommands: [
      SnapCreateCommand.self, SnapRestoreCommand.self, SnapVerifyCommand.self, SnapListCommand.self, SnapPromoteCommand.self,
      SnapPruneCommand.self, GuardCommand.self,
    ])

  public init() {}
}

/// `ccci-snap create`.
struct SnapCreateCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Save the volumes of an undeployed app, in the place of its last snapshot.")

  @Argument(help: "The app: a domain, or a folder on the shelf.")
  var app: String

  @Option(help: ArgumentHelp("The recipe. Default: TYPE of the app's .env.", valueName: "name"))
  var recipe: String?

  @Option(help: ArgumentHelp("The version that wrote the data. Default: TYPE of the app's .env.", valueName: "tag"))
  var version: String?

  @Option(help: ArgumentHelp("The recipe's commit, where it is known.", valueName: "sha"))
  var commit: String?

  @Flag(help: "Compare the snapshot with the volumes, byte by byte, before it becomes the truth.")
  var verify = false

  @Flag(help: "Keep a tree beside each archive whose files share their blocks, where the filesystem can: a restore of it reads nothing.")
  var tree = false

  @Flag(help: "Print meta.json, without the .env.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let place = try SnapPlace(app, tool)
    let lock = try place.locked(for: "create")
    defer { withExtendedLifetime(lock) {} }
    try place.checkFree()
    let subject = try place.subject(recipe: recipe, version: version, commit: commit)
    let store = place.store(tool)
    try store.checkOwner()
    guard try await store.hasVolumes() else {
      throw Failure(
        .noInput, "\(place.domain): has no volumes on this host", why: "no volume is of the stack \(place.domain.stack)",
        next: "is it the right domain? docker volume ls shows what there is")
    }
    var meta = try await SnapProgress.showing(store.tally, tool.console) { () async throws(Failure) in
      try await store.create(subject, verifies: verify, keepsTrees: tree)
    }
    if json {
      // It may hold secrets.
      meta.env = ""
      tool.console.fact(String(decoding: try JSONCoding.line(meta), as: UTF8.self))
    } else {
      let files = meta.volumes.reduce(0) { $0 + $1.files }
      tool.console.fact(
        "\(place.folder.name)  \(meta.version)  \(meta.volumes.count) volumes, \(files) files, \(ByteText.of(meta.bytes)) as \(ByteText.of(meta.size))"
      )
      for volume in meta.volumes where volume.sockets > 0 { tool.console.fact("  \(volume.name): \(volume.sockets) sockets left out") }
    }
    return .ok
  }
}

/// `ccci-snap restore`.
struct SnapRestoreCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Put the volumes of an undeployed app back to its snapshot.")

  @Argument(help: "The app: a domain, or a folder on the shelf.")
  var app: String

  @Flag(help: "Compare the volumes with the snapshot afterwards, byte by byte.")
  var verify = false

  @Flag(help: "Print what was done, as JSON.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let place = try SnapPlace(app, tool)
    let lock = try place.locked(for: "restore")
    defer { withExtendedLifetime(lock) {} }
    let store = place.store(tool)
    let restored: SnapshotStore.Restored
    do throws(Failure) {
      restored = try await SnapProgress.showing(store.tally, tool.console) { () async throws(Failure) in
        try await store.restore(verifies: verify)
      }
    } catch  where error.code == .no {
      // Void, for good: a person must know, whoever called.
      try Alerts(shelf: place.settings.host.shelf).raise(
        Alert(app: place.folder.name, reason: .secretsLost, says: error.sentence, ts: tool.host.now()))
      throw error
    }
    if json {
      tool.console.fact(String(decoding: try JSONCoding.line(restored), as: UTF8.self))
    } else {
      let again = restored.resumed ? ", after one that was interrupted" : ""
      tool.console.fact("\(restored.app)  \(restored.version)  \(restored.files) files, \(ByteText.of(restored.bytes))\(again)")
      for name in restored.removed { tool.console.fact("  \(name): removed, the snapshot does not know it") }
    }
    return .ok
  }
}

/// `ccci-snap verify`.
struct SnapVerifyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every checksum of snapshots, and unpack them in memory. Exit 1 when one is not sound.")

  @Argument(help: "The apps. Default: all on the shelf.")
  var apps: [String] = []

  @Flag(help: "One JSON object a line.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    var folders = try apps.isEmpty ? ShelfFolder.all(on: settings.host.shelf) : []
    for app in apps { folders.append(try SnapPlace.folder(app, settings)) }
    if folders.isEmpty, !json { tool.console.fact("no snapshots on \(settings.host.shelf)") }
    var isSound = true
    let tally = Tally()
    for folder in folders {
      let answer = try await SnapProgress.showing(tally, tool.console) { () async throws(Failure) in
        try await SnapshotStore.verify(folder, tally: tally)
      }
      isSound = isSound && answer.problems.isEmpty
      if json {
        tool.console.fact(String(decoding: try JSONCoding.line(answer), as: UTF8.self))
      } else if answer.problems.isEmpty {
        tool.console.fact("sound  \(answer.app)  \(answer.version ?? "")  \(answer.files) files, \(ByteText.of(answer.bytes))")
      } else {
        for problem in answer.problems { tool.console.fact("NOT SOUND  \(answer.app)  \(problem)") }
      }
    }
    return isSound ? .ok : .no
  }
}

/// `ccci-snap list`.
struct SnapListCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the snapshots on the shelf. Checksums are not looked at: that is verify.")

  @Flag(help: "One JSON object a line.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    let rows = try ShelfFolder.all(on: settings.host.shelf).map { folder throws(Failure) in try SnapRow(folder) }
    if json {
      for row in rows { tool.console.fact(String(decoding: try JSONCoding.line(row), as: UTF8.self)) }
    } else {
      for row in rows { tool.console.fact(row.text) }
      if rows.isEmpty { tool.console.fact("no snapshots on \(settings.host.shelf)") }
    }
    return .ok
  }
}

/// `ccci-snap prune`.
struct SnapPruneCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove what killed commands left beside snapshots. Never a snapshot itself.")

  @Flag(help: "Print what would go and touch nothing.")
  var dryRun = false

  @Flag(help: "One JSON object a line.")
  var json = false

  private struct Row: Encodable {
    var path: String
    var done: String
  }

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    var rows: [Row] = []
    for folder in try ShelfFolder.all(on: settings.host.shelf) where try !folder.leftovers().isEmpty {
      let place = try SnapPlace(folder.name, tool)
      guard let locks = try place.lockAll(for: "prune") else {
        rows += try folder.leftovers().map { Row(path: $0, done: "in use") }
        continue
      }
      defer { withExtendedLifetime(locks) {} }
      let paths = try dryRun ? folder.leftovers() : place.store(tool).clear()
      rows += paths.map { Row(path: $0, done: dryRun ? "would go" : "removed") }
    }
    for row in rows {
      tool.console.fact(json ? String(decoding: try JSONCoding.line(row), as: UTF8.self) : "\(row.done)  \(row.path)")
    }
    if rows.isEmpty, !json { tool.console.fact("nothing to remove") }
    return .ok
  }
}

/// `ccci-snap promote`.
struct SnapPromoteCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Make a green cold run's version the known-good of its recipe. A run that may not move it ends with one line, and 0.")

  @Argument(help: "Id of the run, as ccci-run list prints it. Default in a Drone step: the run of the same build.")
  var run: String?

  @Flag(help: "Print what was done, as JSON.")
  var json = false

  private struct Row: Encodable {
    var run: String
    var promoted: String?
    var because: String?
  }

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let named = run == nil ? try PromoteStart.runOfBuild(tool.environment) : run
    guard let run = named else {
      tool.console.fact("not promoted: this build had no run of its own")
      return .ok
    }
    let row =
      switch try await PromoteStart(tool: tool, id: run).run() {
      case .promoted(let version): Row(run: run, promoted: version)
      case .refused(let why): Row(run: run, because: why)
      }
    tool.console.fact(
      json
        ? String(decoding: try JSONCoding.line(row), as: UTF8.self)
        : row.promoted.map { "promoted  \($0), of run \(run)" } ?? "not promoted: \(row.because ?? "")")
    return .ok
  }
}

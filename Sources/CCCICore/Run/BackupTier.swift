import FoundationEssentials

/// The backup tier: a backup while the app runs, and a look into what it holds.
struct BackupTier: Sendable {
  let stage: Stage
  let subject: Subject

  /// How often the whole backup is done again when `backup_verify` is not content.
  static let captures = 3

  func walk() async throws(Failure) -> TierResult {
    if let skip = Self.skip(stage, subject) { return TierResult(.backup, skip) }
    try stage.enter("backup", "backup")
    var sheet = TierSheet(.backup, stage)
    let hook = try await Hooks(stage: stage).call("pre_backup", op: .backup)
    guard hook.outcome == .pass else {
      sheet.add(hook, named: "pre_backup", origin: .overlay, seconds: 0)
      return sheet.result
    }
    let canaries = try await plant()
    stage.ledger.note { $0.canaries = canaries }
    for capture in 1...Self.captures {
      guard let snapshot = try await create(&sheet) else { return sheet.result }
      let verified = try await Hooks(stage: stage).call("backup_verify", op: .backup)
      if verified.outcome == .pass {
        _ = try await sheet.check(.backupComplete) { () async throws(Failure) in try await complete(snapshot) }
        break
      }
      if capture == Self.captures {
        sheet.add(.fail(.backupIncomplete, "\(verified.because), \(capture) times"), named: "backup_verify", origin: .overlay, seconds: 0)
        return sheet.result
      }
      stage.ledger.warn("backup taken again: \(verified.because)")
    }
    let overlays = try await Overlays(stage: stage, tier: .backup).run()
    sheet.add(overlays)
    return sheet.result
  }

  /// Why there is nothing to back up, for this tier and the next.
  static func skip(_ stage: Stage, _ subject: Subject) -> Finding? {
    if stage.plan.settings.backupCapable == false { return .skip(.structural, "recipe.toml: backup_capable = false") }
    guard subject.targets.isEmpty else { return nil }
    if stage.plan.settings.backupCapable == true { return .error(.policy, "backup_capable = true, but no backupbot label names a path") }
    return .skip(.structural, "not backup-capable: no backupbot.backup label")
  }

  /// Canaries wherever a label covers a whole volume or a folder that exists.
  private func plant() async throws(Failure) -> [Canary] {
    var canaries: [Canary] = []
    for place in try await stage.volumes.places(of: subject.targets) {
      guard let path = place.path, place.isDirectory, let volume = place.target.volume else { continue }
      guard !stage.plan.settings.canaryExcept.contains(volume) else { continue }
      // Two services may name one folder. A second pair of canaries there would make the first look damaged for ever.
      let folder = try Files.resolve(path)
      guard !canaries.contains(where: { $0.folder == folder }) else { continue }
      let words = place.target.path.isEmpty ? volume : "\(volume)/\(place.target.path)"
      if let canary = try Canary.plant(in: folder, volume: place.volume ?? volume, place: words) { canaries.append(canary) }
    }
    return canaries
  }

  /// Settle first: a hook in a container that is about to be replaced yields an empty snapshot and exit 0.
  private func create(_ sheet: inout TierSheet) async throws(Failure) -> String? {
    var snapshot: String?
    let created = try await sheet.check(.backupCreated) { () async throws(Failure) in
      let settled = try await stage.deployer.settle(since: stage.host.now(), patience: stage.patience)
      guard settled.outcome == .pass else { return settled }
      let answer = try await stage.ledger.timed("backup") { () async throws(Failure) in
        try await stage.abra.createBackup(stage.domain, limit: stage.patience.deploy)
      }
      guard answer.ok else { return .fail(.assertion, "abra app backup create: \(answer.reason)", log: answer.tail) }
      guard let id = Abra.snapshotID(in: answer.result.text) else {
        return .fail(.backupIncomplete, "abra app backup create names no snapshot, though it ended well", log: answer.tail)
      }
      snapshot = id
      return .pass
    }
    guard created, let snapshot else { return nil }
    let id = snapshot
    try stage.ledger.record(at: stage.host.now()) { $0.snapshots.append(id) }
    try OpState(stage: stage).note(.backup, ["snapshot": id])
    return id
  }

  /// Downloads the snapshot, reads it to its end, and looks for what the labels name.
  private func complete(_ snapshot: String) async throws(Failure) -> Finding {
    let places = try await stage.volumes.places(of: subject.targets)
    return try await stage.ledger.timed("backup") { () async throws(Failure) in
      let folder = stage.directory.work
      let archive = "\(folder)/backup.tar.gz"
      let answer = try await stage.abra.downloadBackup(stage.domain, snapshot: snapshot, into: folder, limit: stage.patience.deploy)
      guard answer.ok else { return .fail(.backupIncomplete, "abra app backup download: \(answer.reason)", log: answer.tail) }
      let tar = try await stage.programs.call(
        "tar", "tar", ["--list", "--verbose", "--numeric-owner", "--full-time", "--quoting-style=escape", "--gzip", "--file", archive],
        limit: stage.patience.deploy)
      guard tar.ok else { return .fail(.backupIncomplete, "the snapshot cannot be read: \(Self.last(tar))") }
      let listing = BackupListing(tar.text)
      for place in places {
        let found = listing.covers(place.target, volume: place.volume, liveFiles: place.files, isDirectory: place.isDirectory)
        guard found.outcome == .pass else { return found }
        let whole = try await whole(place, in: archive)
        guard whole.outcome == .pass else { return whole }
      }
      _ = try Files.remove(archive)
      return .pass
    }
  }

  /// A compressed dump that was cut short is not empty: its own checksum says so.
  private func whole(_ place: AppVolumes.Place, in archive: String) async throws(Failure) -> Finding {
    guard !place.isDirectory, place.target.path.hasSuffix(".gz") || place.target.path.hasSuffix(".tgz") else { return .pass }
    let name = BackupListing.name(of: place.target, volume: place.volume)
    let pattern = name.map { "*?[]\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    let tar = try await stage.programs.call(
      "tar-gzip", "tar",
      ["--extract", "--gzip", "--file", archive, "--wildcards", "--no-anchored", "--to-command=gzip --test", pattern],
      limit: stage.patience.deploy)
    return tar.ok
      ? .pass : .fail(.backupIncomplete, "backup incomplete: \(place.target) is no whole gzip file in the snapshot: \(Self.last(tar))")
  }

  private static func last(_ result: CommandResult) -> String {
    TerminalText.tail(result.errorText).first { $0.contains("gzip") } ?? TerminalText.tail(result.errorText).last ?? "tar: \(result.status)"
  }
}

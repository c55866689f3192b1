import FoundationEssentials

/// The restore tier: what was damaged must be as it was.
struct RestoreTier: Sendable {
  let stage: Stage
  let subject: Subject

  func walk() async throws(Failure) -> TierResult {
    if let skip = BackupTier.skip(stage, subject) { return TierResult(.restore, skip) }
    guard let snapshot = stage.ledger.now.record.snapshots.last else {
      return TierResult(.restore, .error(.aborted, "the backup tier left no snapshot"))
    }
    try stage.enter("restore", "restore: snapshot \(snapshot)")
    var sheet = TierSheet(.restore, stage)
    let hook = try await Hooks(stage: stage).call("pre_restore", op: .restore)
    guard hook.outcome == .pass else {
      sheet.add(hook, named: "pre_restore", origin: .overlay, seconds: 0)
      return sheet.result
    }
    let canaries = stage.ledger.canaries
    for canary in canaries { try canary.damage() }
    let since = stage.host.now()
    let done = try await sheet.check(.restoreDone) { () async throws(Failure) in try await restore(snapshot, since: since) }
    guard done else { return sheet.result }
    let isBack = try await sheet.check(.restoreData) { () async throws(Failure) in try data(canaries) }
    guard try await sheet.check(.restoreServing, { () async throws(Failure) in try await Probes(stage: stage).serving(since: since) })
    else {
      return sheet.result
    }
    try OpState(stage: stage).note(.restore, ["snapshot": snapshot])
    let overlays = try await Overlays(stage: stage, tier: .restore).run()
    sheet.add(overlays)
    prove(isBack ? canaries : [], overlays)
    return sheet.result
  }

  private func restore(_ snapshot: String, since: Date) async throws(Failure) -> Finding {
    let answer = try await stage.ledger.timed("restore") { () async throws(Failure) in
      try await stage.abra.restore(stage.domain, snapshot: snapshot, limit: stage.patience.deploy)
    }
    guard answer.ok else { return .fail(.assertion, "abra app restore: \(answer.reason)", log: answer.tail) }
    return try await stage.deployer.settle(since: since, patience: stage.patience)
  }

  private func data(_ canaries: [Canary]) throws(Failure) -> Finding {
    var wrong: [String] = []
    for canary in canaries {
      if try canary.state(of: canary.changed) != .same {
        wrong.append("no-op: \(canary.place): a file that was changed before the restore is not as it was")
      }
      if try canary.state(of: canary.deleted) != .same {
        wrong.append("no-op: \(canary.place): a file that was deleted before the restore is not back")
      }
    }
    return wrong.isEmpty ? .pass : .fail(.noOp, wrong.joined(separator: "; "))
  }

  /// An overlay that passed has read the application's own data back; canaries show files; else nothing was shown.
  ///
  /// A database's own folder, backed up raw, shows files at most: a running server does not read them again.
  private func prove(_ canaries: [Canary], _ overlays: [TestResult]) {
    let read = overlays.contains { $0.outcome == .pass } || stage.plan.overlays.hook("backup_verify") != nil
    let proof: Proof = read ? .data : canaries.isEmpty ? .nothing : .files
    stage.ledger.note { $0.proved["restore"] = proof }
    if proof == .nothing {
      stage.ledger.warn(
        "restore: nothing was proved: no label covers a folder, and no test reads data back; add test_restore.* to tests/\(stage.recipe)/")
    }
  }
}

import FoundationEssentials

/// A run from its record to its verdict: cold, with nothing kept, or quick. The numbers are those of the design's "Order of a cold run".
struct WholeRun: Sendable {
  /// The answer, and what stopped the run before its end, if anything did.
  struct Ending: Sendable {
    var results: Results
    var stop: Failure?
    var record: RunDirectory
  }

  let stage: Stage
  let stops: Stops
  let meter: Meter
  let plain: Host

  /// From the record to the verdict. The teardown comes whatever ended the walk, outside of what a signal cancels.
  func run() async throws(Failure) -> Ending {
    // The plain host: a heartbeat is no wait of the run.
    let heart = Task { await stage.ledger.beat(plain) }
    let stop = await walkOrStop()
    let report = await tearDown()
    heart.cancel()
    return Ending(results: try conclude(stop, report), stop: stop, record: stage.directory)
  }

  private func walkOrStop() async -> Failure? {
    do throws(Failure) {
      try await stops.during { () async throws(Failure) in try await walk() }
      return nil
    } catch {
      stage.console.progress("stopping: \(error.sentence)")
      return error
    }
  }

  /// 5 to 10.
  private func walk() async throws(Failure) {
    try await OrphanPass(stage: stage).pass()
    if stage.plan.mode == .quick { try await QuickLane(stage: stage).warm() } else { try await ClearGround(stage: stage).clear() }
    let subject = try await Preparation(stage: stage).subject()
    let lint = Task { await LintRung(stage: stage, head: subject.head).result() }
    defer { lint.cancel() }
    let installed = try await install(subject)
    for tier in Tier.allCases.dropFirst() {
      guard let planned = stage.plan.tiers.first(where: { $0.tier == tier }) else { continue }
      let result = try await walk(planned, installed, subject)
      stage.ledger.note { $0.tiers.append(result) }
    }
    let rung = await lint.value
    stage.ledger.note { $0.lint = rung }
  }

  /// 8, and the install tier. An app that cannot start without what is not there is not judged.
  private func install(_ subject: Subject) async throws(Failure) -> InstallTier.Ending {
    guard let missing = try await Dependencies(stage: stage).provide(.app).first else {
      if stage.plan.mode == .quick { return try await QuickLane(stage: stage).boot(subject) }
      return try await InstallTier(stage: stage, subject: subject).walk()
    }
    let result = say(TierResult(.install, missing.finding))
    stage.ledger.note { $0.tiers.append(result) }
    return .failed
  }

  private func walk(_ planned: RunPlan.PlannedTier, _ installed: InstallTier.Ending, _ subject: Subject) async throws(Failure) -> TierResult
  {
    if let skipped = planned.skipped { return say(TierResult(planned.tier, skipped)) }
    if installed == .failed { return say(TierResult(planned.tier, .error(.aborted, "install did not pass"))) }
    switch planned.tier {
    case .install: return TierResult(.install, .error(.harness, "walked twice"))
    case .upgrade:
      if case .baseBroken(let because) = installed { return say(TierResult(.upgrade, .error(.baseBroken, because))) }
      if case .skip(let reason, let because) = subject.base { return say(TierResult(.upgrade, .skip(reason, because))) }
      return try await UpgradeTier(stage: stage, subject: subject).walk()
    case .backup: return try await BackupTier(stage: stage, subject: subject).walk()
    case .restore: return try await RestoreTier(stage: stage, subject: subject).walk()
    case .custom: return try await CustomTier(stage: stage).walk()
    }
  }

  private func say(_ result: TierResult) -> TierResult {
    stage.console.progress("\(result.tier.rawValue): \(result.outcome.rawValue): \(result.because ?? "")")
    return result
  }

  /// 11. With `--keep` the app stays, and the record says until when.
  private func tearDown() async -> Teardown.Report {
    let start = ContinuousClock.now
    defer { stage.ledger.add("teardown", ContinuousClock.now - start) }
    let record = stage.ledger.now.record
    guard !record.apps.isEmpty || record.realm != nil || record.canonical != nil else { return Teardown.Report() }
    if stage.request.keep, stops.cause == nil {
      let until = stage.host.now().addingTimeInterval(stage.settings.run.keep.seconds)
      note { $0.keepUntil = until }
      stage.console.progress("kept until \(until.formatted(.iso8601)): \(stage.url)")
      return Teardown.Report()
    }
    note { $0.phase = "teardown" }
    stage.console.progress("teardown")
    var report = Teardown.Report()
    for teardown in stage.teardowns { report.add(await teardown.remove()) }
    if record.canonical != nil { report.add(await QuickLane(stage: stage).rest()) }
    if let realm = record.realm { report.add(await stage.settings.keycloak.removeRealm(realm, stage.host, stage.settings)) }
    for complaint in report.complaints { stage.ledger.warn("teardown: \(complaint)") }
    for leftover in report.leftovers { stage.console.progress("  left behind: \(leftover)") }
    return report
  }

  /// A record that cannot be written must not keep the teardown from happening; the verdict says it.
  private func note(_ change: @Sendable (inout RunRecord) -> Void) {
    do throws(Failure) { try stage.ledger.record(at: stage.host.now(), change) } catch { stage.ledger.warn(error.sentence) }
  }

  /// 12. One value, four views.
  private func conclude(_ stop: Failure?, _ report: Teardown.Report) throws(Failure) -> Results {
    if report.isClean, !stage.request.keep { note { $0.apps = [] } }
    let results = ResultsMaker(stage: stage, own: meter.own).make(stop: stop, report: report)
    try ResultsWriter(stage: stage).write(results)
    // A kept app is worked with: its checkout stays for the time.
    if !stage.request.keep {
      do throws(Failure) { try stage.directory.dropCopies() } catch { stage.console.progress(error.sentence) }
    }
    // Last: a run that is killed before its results are there has not finished, and its guard answers for it.
    note {
      $0.phase = "finished"
      $0.finished = stage.host.now()
    }
    return results
  }
}

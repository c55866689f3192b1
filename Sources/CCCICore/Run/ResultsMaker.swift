import FoundationEssentials

/// Makes the one value that a run answers with, from what its ledger holds. Whatever ended the run, there is a result.
struct ResultsMaker: Sendable {
  let stage: Stage
  /// Time spent in the command itself.
  let own: Duration

  func make(stop: Failure?, report: Teardown.Report) -> Results {
    let entries = stage.ledger.now
    let tiers = complete(entries.tiers, stop)
    let leak = Artifacts(stage: stage).reveal()
    let (verdict, reason) = Verdict.of(
      Verdict.Evidence(
        mode: stage.plan.mode, planned: stage.plan.tiers.map(\.tier), tiers: tiers, leftovers: report.leftovers, deploys: entries.deploys,
        expectedDeploys: entries.expectedDeploys, secretLeak: leak, stopped: stop?.sentence))
    let rungs = Level.rungs(tiers: tiers, proved: entries.proved["restore"], lint: entries.lint?.outcome)
    var timings = entries.timings
    timings["own"] = own.seconds
    return Results(
      runID: stage.directory.id, recipe: stage.recipe.text, version: entries.version, ref: entries.head?.text, pr: stage.plan.target.pr,
      src: stage.plan.source.src, mode: stage.plan.mode, trigger: stage.request.trigger, started: entries.record.started,
      finished: stage.host.now(),
      abraVersion: entries.abraVersion, host: stage.settings.host.zone, verdict: verdict, reason: reason,
      exitCode: exitCode(verdict, stop), level: Level.of(rungs), rungs: rungs, base: base(entries),
      deploys: Results.Deploys(count: entries.deploys, expected: entries.expectedDeploys), tiers: tiers,
      lint: entries.lint ?? Results.Lint(outcome: .error, because: "not reached"), skips: skips(tiers),
      flags: Results.Flags(
        cleanTeardown: report.isClean && entries.record.keepUntil == nil, leftovers: report.leftovers, noSecretLeak: !leak,
        keptUntil: entries.record.keepUntil),
      proved: entries.proved, orphansRemoved: entries.orphansRemoved, warnings: entries.warnings, timings: timings,
      manifest: stage.plan.manifest(repoLocal: entries.repoLocal),
      failure: failure(tiers, stop, entries))
  }

  /// A stop decides the code, unless the recipe had failed before: then the answer is no.
  private func exitCode(_ verdict: Verdict, _ stop: Failure?) -> Int32 {
    guard let stop else { return verdict.exitCode.status }
    if case .stopped = stop.code { return stop.code.status }
    if stop.code == .timedOut { return stop.code.status }
    return verdict == .red ? verdict.exitCode.status : stop.code.status
  }

  /// Every planned tier has an outcome: those that were not reached say why.
  private func complete(_ tiers: [TierResult], _ stop: Failure?) -> [TierResult] {
    stage.plan.tiers.map { planned in
      tiers.first { $0.tier == planned.tier }
        ?? TierResult(
          planned.tier,
          stop.map { _ in .error(.aborted, "not reached") } ?? .error(.harness, "was planned and has no outcome"))
    }
  }

  private func base(_ entries: Ledger.Entries) -> Results.Base {
    let value: String? =
      switch entries.base {
      case .version(let version, _, _): version.text
      case .ref(let commit, _): commit.text
      case .skip, nil: nil
      }
    return Results.Base(
      kind: entries.base?.kind ?? "skip", value: value, because: entries.base?.because ?? "not reached", version: entries.baseVersion)
  }

  private func skips(_ tiers: [TierResult]) -> Results.Skips {
    func reasons(_ reason: Reason) -> [String: String] {
      let skipped = tiers.filter { $0.outcome == .skip && $0.reason == reason }
      return Dictionary(uniqueKeysWithValues: skipped.map { ($0.tier.rawValue, $0.because ?? "") })
    }
    let optOuts = Dictionary(uniqueKeysWithValues: stage.plan.optOuts.map { ($0.key.rawValue, $0.value) })
    return Results.Skips(declared: reasons(.declared), structural: reasons(.structural), optOuts: optOuts)
  }

  private func failure(_ tiers: [TierResult], _ stop: Failure?, _ entries: Ledger.Entries) -> Results.FirstFailure? {
    let log = entries.logTail.map { stage.console.mask.masked($0) }
    for wanted in [Outcome.fail, .error] {
      guard let tier = tiers.first(where: { $0.outcome == wanted && $0.reason != .aborted }) else { continue }
      let test = tier.tests.first { $0.outcome == wanted }
      return Results.FirstFailure(
        tier: tier.tier.rawValue, test: test.map(Self.words), because: test?.because ?? tier.because ?? wanted.rawValue, logTail: log)
    }
    return stop.map { Results.FirstFailure(tier: nil, test: nil, because: $0.sentence, logTail: log) }
  }

  /// A test with the file that it stands in, where its name does not say it.
  private static func words(_ test: TestResult) -> String {
    guard let file = test.file, !file.hasSuffix(test.name) else { return test.file ?? test.name }
    return "\(file): \(test.name)"
  }
}

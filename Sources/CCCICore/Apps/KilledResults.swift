import FoundationEssentials

/// The answer of a run that was killed: unjudged, whatever it had found, since nobody knows what it would have found.
enum KilledResults {
  static func make(_ record: RunRecord, report: Teardown.Report, status: Int32, by who: String, at now: Date) -> Results {
    let because = "killed in phase \(record.phase); removed by the \(who)"
    let reached = record.tiers.map { TierResult($0, .error(.aborted, "not reached: \(because)")) }
    let rungs = Level.rungs(tiers: reached, proved: nil, lint: nil)
    return Results(
      runID: record.runID, recipe: record.recipe, version: nil, ref: record.ref, pr: record.pr, src: record.src, mode: record.mode,
      trigger: record.trigger, started: record.started, finished: now, abraVersion: record.abraVersion, host: record.host,
      verdict: .unjudged,
      reason: because, exitCode: status, level: 0, rungs: rungs,
      base: Results.Base(kind: "skip", value: nil, because: "not reached", version: nil),
      deploys: Results.Deploys(count: 0, expected: 0), tiers: reached, lint: Results.Lint(outcome: .error, because: "not reached"),
      skips: Results.Skips(declared: [:], structural: [:], optOuts: [:]),
      flags: Results.Flags(cleanTeardown: report.isClean, leftovers: report.leftovers, noSecretLeak: true), proved: [:], orphansRemoved: [],
      warnings: report.complaints, timings: [:], manifest: Manifest(settings: [:], hooks: [], overlays: [:]),
      failure: Results.FirstFailure(tier: nil, test: nil, because: because))
  }
}

/// Where a group of tests lies and how it is called: ours as root beside the run, a pull request's own in a cage.
struct OverlayPlace: Sendable {
  var origin: TestResult.Origin
  var tests: [Tier: [OverlayPlan.File]]
  /// Of the tests, as they see it themselves.
  var folder: String
  /// pytest's root, and the plugins that it loads.
  var root: String
  var plugins: [String]
  /// Where reports are written, as the tests see it, and as we do.
  var reports: (inside: String, outside: String)
  /// Name for the log, program, arguments, more variables.
  var call: @Sendable (Tier, String, String, [String], [String: String]) async throws(Failure) -> CommandResult

  /// Those of `tests/<recipe>/`.
  static func own(_ stage: Stage) -> OverlayPlace {
    let overlays = OverlayEnvironment(stage: stage)
    return OverlayPlace(
      origin: .overlay, tests: stage.plan.overlays.tests, folder: overlays.folder, root: stage.directory.tests,
      plugins: ["ccci_test.report"],
      reports: (stage.directory.work, stage.directory.work)
    ) { tier, name, program, arguments, more async throws(Failure) in
      try await stage.programs.call(
        name, program, arguments, in: overlays.folder, with: overlays.variables(op: tier).merging(more) { $1 }, sweep: true,
        limit: overlays.limit)
    }
  }
}

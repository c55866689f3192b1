/// The lint rung of the level: `abra recipe lint` in a pristine clone of the head. Never changes the verdict.
struct LintRung: Sendable {
  let stage: Stage
  let head: CommitID

  func result() async -> Results.Lint {
    do throws(Failure) {
      return try await stage.ledger.timed("lint") { () async throws(Failure) in try await lint() }
    } catch {
      return Results.Lint(outcome: .error, because: "could not lint: \(error.sentence)")
    }
  }

  private func lint() async throws(Failure) -> Results.Lint {
    let home = AbraHome(path: stage.directory.lint)
    try home.create(from: stage.settings.host.abraDirectory, server: stage.settings.host.server)
    try await stage.git.copy(stage.home.recipe(stage.recipe), to: home.recipe(stage.recipe), at: head)
    let abra = Abra(programs: stage.programs, program: stage.settings.host.abra, directory: home.path, server: stage.settings.host.server)
    let answer = try await abra.lint(stage.recipe)
    let text = TerminalText.plain(answer.result.text)
    try Files.write(Array(stage.console.mask.masked(text).utf8), to: stage.directory.lintText)
    guard answer.ok else { return Results.Lint(outcome: .error, because: "could not lint: \(answer.reason)") }
    let rows = AbraLint.read(text)
    guard !rows.isEmpty else { return Results.Lint(outcome: .error, because: "could not lint: no table in abra's answer") }
    let failed = rows.filter(\.isFailed)
    return Results.Lint(
      outcome: failed.isEmpty ? .pass : .fail, rulesFailed: failed.map(\.ref),
      because: failed.isEmpty ? nil : failed.map { "\($0.ref) \($0.rule)" }.joined(separator: "; "))
  }
}

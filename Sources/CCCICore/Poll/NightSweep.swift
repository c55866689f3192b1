import FoundationEssentials

/// The night's sweep: one build for each recipe whose newest version is newer than its canonical.
struct NightSweep: Sendable {
  let desk: PollDesk
  let git: Git
  /// The `tests/` of this repository.
  let tests: String

  struct Row: Sendable, Equatable, Encodable {
    var recipe: String
    /// `build 42`, `skipped`, `failed`.
    var decision: String
    var because: String
  }

  /// What of one recipe cannot be told keeps no other from its build.
  func run() async throws(Failure) -> [Row] {
    var rows: [Row] = []
    for entry in desk.enrolment.entries {
      do throws(Failure) { rows.append(try await sweep(entry)) } catch {
        if error == .cancelled { throw error }
        rows.append(Row(recipe: entry.recipe.text, decision: "failed", because: "\(error.sentence); \(error.hint)"))
      }
    }
    return rows
  }

  private func sweep(_ entry: Enrolment.Entry) async throws(Failure) -> Row {
    let recipe = entry.recipe
    let settings = try RecipeSettings.read("\(tests)/\(recipe)/recipe.toml")
    // Nobody is asked about what is not warmed.
    guard settings.warmCanonical else { return Row(recipe: recipe.text, decision: "skipped", because: "is not warmed") }
    let domain = desk.settings.canonical(of: recipe)
    let known = try ShelfFolder(shelf: desk.settings.host.shelf, domain: domain).readMeta().flatMap { RecipeVersion($0.version) }
    let newest = try await git.releases(at: desk.settings.forge.upstream(of: recipe)).map(\.version).max()
    switch SweepChoice.of(settings, newest: newest, known: known) {
    case .skip(let why): return Row(recipe: recipe.text, decision: "skipped", because: why)
    case .build(let version):
      let because = known.map { "\(version) is newer than the known-good \($0)" } ?? "\(version) would be the first known-good"
      return Row(recipe: recipe.text, decision: try await build(recipe, version), because: because)
    }
  }

  /// Without a commit: the newest published version is tested, and may be promoted.
  private func build(_ recipe: RecipeName, _ version: RecipeVersion) async throws(Failure) -> String {
    let key = SweepChoice.key(recipe, version, day: String(desk.now.formatted(.iso8601).prefix(10)))
    let known = try await desk.drone.builds(desk.repository, page: 1)
    if let found = BuildSearch.find(key, among: known) { return "build \(found.number), as before" }
    let creation = try await desk.drone.create(
      desk.repository, branch: desk.settings.drone.branch, params: [("RECIPE", recipe.text), ("CCCI_TRIGGER", key)])
    switch creation {
    case .made(let build): return "build \(build.number)"
    case .impossible(let why): throw Failure(.unavailable, "Drone makes no build", why: why, next: "look at [drone] repository and branch")
    // Whether there is one, the next sweep of the day sees before it asks for another; and `ccci-run` lets the key through once.
    case .refused(let failure), .unclear(let failure): throw failure
    }
  }
}

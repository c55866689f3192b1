import FoundationEssentials

/// `ccci-snap promote`: decides from the run's record and from what is published now, and promotes under locks, guard and deadline like a run.
public struct PromoteStart: Sendable {
  let tool: Tool
  /// The run whose version is meant.
  let id: String

  public init(tool: Tool, id: String) {
    self.tool = tool
    self.id = id
  }

  public enum Answer: Sendable, Equatable {
    case promoted(String)
    /// Why not: no failure.
    case refused(String)
  }

  /// The run that an earlier step of this build has made; nil when it made none, since another build has it.
  public static func runOfBuild(_ environment: [String: String]) throws(Failure) -> String? {
    guard environment["DRONE"] == "true", let build = environment["DRONE_BUILD_NUMBER"].flatMap({ Int($0) }) else {
      throw Failure(.usage, "no run named", next: "ccci-snap promote <run id>; ccci-run list shows them")
    }
    let runs = try Settings.read(environment).host.runs
    let names = ["d\(build)-\(environment["DRONE_BUILD_CREATED"] ?? "")", "d\(build)"]
    for name in names where try RunDirectory(runs: runs, id: name).readRecord() != nil { return name }
    return nil
  }

  public func run() async throws(Failure) -> Answer {
    let settings = try Settings.read(tool.environment)
    let (results, record) = try run(in: settings)
    let recipe = try RecipeName(results.recipe)
    var arguments = RunRequest.Arguments()
    (arguments.recipe, arguments.version) = (recipe.text, results.version)
    // The parameters of a build say what its run was to test; a promotion is of a release, whatever they say.
    let parameters: Set = ["RECIPE", "REF", "PR", "SRC", "VERSION", "STAGES", "CCCI_QUICK", "CCCI_OR_COLD", "EXTRA_TESTS", "CCCI_TRIGGER"]
    let environment = tool.environment.filter { !parameters.contains($0.key) }
    let start = RunStart(tool: Tool(host: tool.host, environment: environment, console: tool.console), arguments: arguments)
    var planned = try start.plan(.promote)
    planned.plan.tiers = []
    // What is wrong with the run itself is said without asking anybody.
    let folder = ShelfFolder(shelf: settings.host.shelf, domain: planned.plan.domain)
    let known = try folder.readMeta().flatMap { RecipeVersion($0.version) }
    var facts = Promotion.Facts(
      isWarmed: planned.plan.settings.warmCanonical,
      requires: planned.plan.dependencies.filter { $0.need == .app && $0.provider == nil }.map(\.recipe.text), ref: record.ref,
      newest: results.assumedRelease, knownGood: known)
    if case .refused(let why) = Promotion.allowed(results, facts) { return .refused(why) }
    facts.newest = try await start.published(planned).max { $0.version < $1.version }
    switch Promotion.allowed(results, facts) {
    case .refused(let why): return .refused(why)
    case .allowed(let release):
      if let why = try await start.promote(planned, to: release) { return .refused(why) }
      return .promoted(release.version.text)
    }
  }

  private func run(in settings: Settings) throws(Failure) -> (Results, RunRecord) {
    let records = RunRecords(runs: settings.host.runs)
    let directory = RunDirectory(runs: settings.host.runs, id: id)
    guard !id.contains("/"), let record = try directory.readRecord() else {
      let near = Nearest.name(to: id, among: try records.ids()).map { "did you mean \($0)? " } ?? ""
      throw Failure(.noInput, "run \(id): no such record in \(settings.host.runs)", next: "\(near)ccci-run list shows them")
    }
    guard let results = try directory.readResults() else {
      throw Failure(.tryAgain, "run \(id): has no results", why: "it is in phase \(record.phase)", next: "wait for its end")
    }
    return (results, record)
  }
}

extension Results {
  /// The release that the run says it tested: for what can be decided without the network.
  fileprivate var assumedRelease: UpgradeBase.Release? {
    guard let version = version.flatMap({ RecipeVersion($0) }), let commit = ref.flatMap({ CommitID($0) }) else { return nil }
    return UpgradeBase.Release(version: version, commit: commit)
  }
}

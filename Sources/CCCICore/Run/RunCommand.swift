public import ArgumentParser

/// `ccci-run`.
public struct RunCommand: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "ccci-run",
    abstract: "Take one recipe at one commit through its life on this host's swarm, and answer honestly.",
    discussion: """
      The recipe is deployed once, upgraded in place from the release before it, backed up, restored and tested, and then removed without a trace.
      The answer is an exit code, a run record and a summary. Without --ref or --version the newest published version is tested.

      Examples:
        ccci-run custom-html
        ccci-run notes --ref 4be5…(40 digits) --pr 12
        ccci-run plan notes
        ccci-run propose notes
        ccci-run show

      Exit codes: 0 green or partial, 1 red, 2 unjudged; 64 and above: the run could not be made, see docs/exit-codes.md.
      """,
    version: Toolkit.version,
    subcommands: [StartCommand.self, PlanCommand.self, ProposeCommand.self, ListCommand.self, ShowCommand.self, GuardCommand.self],
    defaultSubcommand: StartCommand.self)

  public init() {}
}

/// The options that say what is tested; shared by a run and its plan.
struct TargetOptions: ParsableArguments {
  @Argument(help: "The recipe. Environment: RECIPE.")
  var recipe: String?

  @Option(help: ArgumentHelp("Full commit id to test. Environment: REF.", valueName: "sha"))
  var ref: String?

  @Option(help: ArgumentHelp("Pull request that the commit is the head of. Environment: PR.", valueName: "n"))
  var pr: String?

  @Option(help: ArgumentHelp("Repository to take it from, https. Environment: SRC. Default: [forge] upstream.", valueName: "url"))
  var src: String?

  @Option(help: ArgumentHelp("Published version to test instead of a commit. Environment: VERSION.", valueName: "tag"))
  var version: String?

  @Option(help: ArgumentHelp("Only these tiers: install,upgrade,backup,restore,custom. Environment: STAGES.", valueName: "list"))
  var tiers: String?

  @Flag(help: "On the recipe's warm data: quicker, of lower confidence, gates nothing. Environment: CCCI_QUICK=1.")
  var quick = false

  @Flag(help: "With --quick: run cold where there is no warm data. Environment: CCCI_OR_COLD=1.")
  var orCold = false

  @Flag(help: "With the tests of extra/ too. Environment: EXTRA_TESTS=1.")
  var extraTests = false

  @Option(
    help: ArgumentHelp("The tests/ folder of cc-ci's repository. Default: the workspace, [host] tests, ./tests.", valueName: "folder"))
  var tests: String?

  @Flag(help: "Print the record itself, as JSON.")
  var json = false

  var arguments: RunRequest.Arguments {
    var arguments = RunRequest.Arguments()
    arguments.recipe = recipe
    arguments.ref = ref
    arguments.pr = pr
    arguments.src = src
    arguments.version = version
    arguments.tiers = tiers
    arguments.quick = quick
    arguments.orCold = orCold
    arguments.extra = extraTests
    arguments.tests = tests
    return arguments
  }
}

/// `ccci-run <recipe>`.
struct StartCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Run a recipe (the default: the word start may be left out).")

  @OptionGroup var target: TargetOptions

  @Flag(help: "Leave the app up and say until when.")
  var keep = false

  @Flag(help: "End, with the teardown, when the process that started this one ends. Always so in a Drone step.")
  var dieWithParent = false

  @Option(help: ArgumentHelp("Name of the run record. Default: d<Drone build> or m-<time>-<4 digits>.", valueName: "id"))
  var runID: String?

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    var arguments = target.arguments
    arguments.keep = keep
    arguments.diesWithParent = dieWithParent
    arguments.runID = runID
    if let other = try ClaimGate(tool: tool).enter(&arguments) {
      try answer(other, tool)
      return .ok
    }
    let ending = try await RunStart(tool: tool, arguments: arguments).run()
    let results = ending.results
    tool.console.fact(
      target.json
        ? String(decoding: try Files.read(ending.record.results), as: UTF8.self) : Summary.text(results, record: ending.record.path))
    if let stop = ending.stop { tool.console.failure(VerbHint.added(to: stop, of: target.recipe)) }
    return ExitCode.of(results.exitCode)
  }

  /// What of a trigger that has had its run.
  private struct Had: Encodable {
    var runID: String
    var trigger: String

    enum CodingKeys: String, CodingKey {
      case trigger
      case runID = "run_id"
    }
  }

  /// With --json the answer of the run that the trigger has had; before that has one, which run it is.
  private func answer(_ claim: RunClaim, _ tool: Tool) throws(Failure) {
    let says = "already run as \(claim.run): \(claim.key)"
    guard target.json else { return tool.console.fact(says) }
    tool.console.progress(says)
    let directory = RunDirectory(runs: try Settings.read(tool.environment).host.runs, id: claim.run)
    let had = try JSONCoding.line(Had(runID: claim.run, trigger: claim.key))
    tool.console.fact(String(decoding: try Files.readIfPresent(directory.results) ?? had, as: UTF8.self))
  }
}

/// `ccci-run plan <recipe>`.
struct PlanCommand: Subcommand {
  static let configuration = CommandConfiguration(commandName: "plan", abstract: "Print what would run, and why; touch nothing.")

  @OptionGroup var target: TargetOptions

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let plan = try RunStart(tool: tool, arguments: target.arguments).plan().plan
    tool.console.fact(target.json ? try PlanText.json(plan) : PlanText.text(plan))
    return .ok
  }
}

/// `ccci-run list`.
struct ListCommand: Subcommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List run records, newest first.")

  @Option(name: .customShort("n"), help: ArgumentHelp("At most so many.", valueName: "count"))
  var count = 20

  @Flag(help: "One JSON object a line.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    guard count > 0 else { throw Failure(.usage, "-n \(count): would list nothing", next: "a number from 1 up, or leave it out for 20") }
    let settings = try Settings.read(tool.environment)
    let entries = try RunRecords(runs: settings.host.runs).newestEntries(count)
    guard json || !entries.isEmpty else {
      tool.console.fact("no runs in \(settings.host.runs)")
      return .ok
    }
    let rows = try entries.map { (entry) throws(Failure) in try RunRow(entry, runs: settings.host.runs) }
    guard json else {
      tool.console.fact(RunRow.table(rows))
      return .ok
    }
    for row in rows { tool.console.fact(try row.json) }
    return .ok
  }
}

/// `ccci-run show [ID]`.
struct ShowCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run's answer; without an id, the newest that is no promotion.")

  @Argument(help: "The run's id, as list prints it.")
  var id: String?

  @Flag(help: "Print results.json itself.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    let records = RunRecords(runs: settings.host.runs)
    // A promotion tests nothing, and has no answer.
    guard let name = id == nil ? try records.newest(1, where: { $0.mode != .promote }).first?.runID : id else {
      throw Failure(.noInput, "no runs in \(settings.host.runs)", next: "make one: ccci-run custom-html")
    }
    let directory = RunDirectory(runs: settings.host.runs, id: name)
    guard !name.contains("/"), let record = try directory.readRecord() else {
      let near = Nearest.name(to: name, among: try records.ids()).map { "did you mean \($0)? " } ?? ""
      throw Failure(.noInput, "run \(name): no such record in \(settings.host.runs)", next: "\(near)ccci-run list shows them")
    }
    guard let results = try directory.readResults() else {
      guard record.finished == nil else {
        throw Failure(
          .noInput, "run \(name): has no results", why: "\(record.mode == .promote ? "a promotion, " : "")it has ended: \(record.phase)",
          next: "look at \(directory.path)")
      }
      throw Failure(
        .tryAgain, "run \(name): has no results", why: "it is in phase \(record.phase), as process \(record.pid)",
        next: "wait for it, or look at \(directory.path)")
    }
    tool.console.fact(
      json ? String(decoding: try Files.read(directory.results), as: UTF8.self) : Summary.text(results, record: directory.path))
    return .ok
  }
}

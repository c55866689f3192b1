import FoundationEssentials

@testable import CCCICore

/// A whole stage in a temporary folder: its record is real, its programs answer by `run`, its engine and its app by nobody.
struct TestStage: Sendable {
  let folder: TemporaryFolder
  let stage: Stage
  let commands: Locked<[Command]>

  static let dawn = Date(timeIntervalSince1970: 1_800_000_000)

  init(
    _ plan: RunPlan? = nil, environment: [String: String] = [:], settings: Settings = Plans.settings,
    run: @escaping @Sendable (Command) throws(Failure) -> CommandResult = { _ in CommandResult(status: .exited(0)) }
  ) throws(Failure) {
    let folder = try TemporaryFolder()
    let commands = Locked<[Command]>([])
    let host = Host(
      run: { command throws(Failure) in
        commands.withLock { $0.append(command) }
        return try run(command)
      }, send: { _ throws(HTTPError) in throw HTTPError(.connect, "nobody") }, now: { Self.dawn }, sleep: { _ throws(Failure) in })
    let request = try Plans.request()
    let plan = if let plan { plan } else { try Plans.plan(request) }
    let directory = RunDirectory(runs: folder("runs"), id: "t1")
    _ = try directory.create()
    let record = TestStage.record(directory.id)
    try directory.write(record)
    let console = Console(program: "test")
    let programs = Programs(host: host, environment: ["PATH": "/usr/bin:/bin"])
    try Files.write([], to: folder("app.env"))
    stage = Stage(
      host: host, settings: settings, request: request, plan: plan, environment: environment, console: console, directory: directory,
      ledger: Ledger(directory: directory, record: record), programs: programs, engine: Engine(host: host, socket: "/nowhere"),
      git: Git(programs: programs, authorities: nil, credential: nil),
      abra: Abra(programs: programs, program: "abra", directory: directory.abra, server: "default"),
      app: AppEnvironment(path: folder("app.env"), recipe: plan.recipe, domain: plan.domain), owner: "me/t1")
    self.folder = folder
    self.commands = commands
  }

  static func record(_ id: String = "t1") -> RunRecord {
    RunRecord(
      runID: id, recipe: "notes", ref: nil, pr: nil, mode: .cold, pid: 1, bootID: "b", cookie: RandomID.hex(32), owner: "me/\(id)",
      phase: "record",
      started: dawn, deadline: dawn.addingTimeInterval(60), locks: [], testsCommit: "", trigger: nil, src: "https://a/b",
      tiers: Tier.allCases,
      abraVersion: "0.13.0", host: "ci.example.org")
  }
}

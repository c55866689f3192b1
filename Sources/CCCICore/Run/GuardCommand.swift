import ArgumentParser
import FoundationEssentials
import Glibc

/// `ccci-run guard`: outlives its run, and removes what it left when it was killed or hangs. Started by `GuardPost` only.
struct GuardCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "guard", abstract: "Guard a run. Started by the run itself.", shouldDisplay: false)

  @Option var pid: Int32
  @Option var runs: String
  @Option var id: String
  @Option var engine: String
  @Option var servers: String
  @Option var shelf: String
  /// The host's own Keycloak, where the run may have a realm.
  @Option var keycloak: String?
  @Option var keycloakUser: String?
  @Option var keycloakPasswordFile: String?
  @Option var authorities: String?
  /// Seconds that the run's own teardown may take past its deadline.
  @Option var budget: Double
  /// A run that says nothing for so many seconds, past its deadline and teardown, hangs.
  @Option var silence: Double

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    // Signals are for the run: a guard that obeyed one would leave it without.
    let gate = try SignalGate.install()
    defer { withExtendedLifetime(gate) {} }
    guard let run = ProcessHandle(pid) else { throw Failure(.noInput, "process \(pid) is not there") }
    report()
    let directory = RunDirectory(runs: runs, id: id)
    while await !run.ends(within: .seconds(1)) {
      if try hangs(directory, now: tool.host.now()) {
        tool.console.progress("run \(id) hangs: no heartbeat past its deadline; killing it")
        run.signal(SIGKILL)
      }
    }
    guard let record = try directory.readRecord(), record.finished == nil else { return .ok }
    tool.console.progress("run \(id) was killed in phase \(record.phase): removing \(record.apps.joined(separator: ", "))")
    let reaper = Reaper(host: tool.host, engine: Engine(host: tool.host, socket: engine), servers: servers)
    let domains = record.apps.map { AppDomain($0) }
    var report = await reaper.reap(domains, cookie: record.cookie)
    if let canonical = record.canonical { report.add(await rest(canonical, record, tool)) }
    if let realm = record.realm { report.add(await remove(realm, tool.host)) }
    for leftover in report.leftovers { tool.console.progress("left behind: \(leftover)") }
    try await reaper.close(directory, reaped: domains, report: report, status: 137, by: "guard")
    return report.isClean ? .ok : .no
  }

  /// One byte to the run that waits for it; nothing is said there afterwards.
  private func report() {
    var byte: UInt8 = 1
    _ = write(STDOUT_FILENO, &byte, 1)
    let null = open("/dev/null", O_WRONLY)
    if null >= 0 { dup2(null, STDOUT_FILENO) }
  }

  /// A canonical is undeployed and no more: its data is rebuilt when it is needed.
  private func rest(_ domain: String, _ record: RunRecord, _ tool: Tool) async -> Teardown.Report {
    let engine = Engine(host: tool.host, socket: engine)
    let app = WarmApp(host: tool.host, engine: engine, shelf: shelf, servers: servers, domain: AppDomain(domain))
    var report = await app.rest(afterRun: record.cookie)
    do throws(Failure) {
      try app.folder.mark(.dirty, run: record.runID, at: tool.host.now())
      if record.mode == .promote {
        try Alerts(shelf: shelf).raise(
          PromoteRun.alert(
            try RecipeName(record.recipe), "its newest version", "it was killed in phase \(record.phase)", run: record.runID,
            at: tool.host.now()))
      }
    } catch {
      report.complaints.append(error.sentence)
    }
    return report
  }

  private func remove(_ realm: String, _ host: Host) async -> Teardown.Report {
    var settings = Settings()
    settings.keycloak.url = keycloak
    settings.keycloak.user = keycloakUser ?? settings.keycloak.user
    settings.keycloak.passwordFile = keycloakPasswordFile
    settings.host.authorities = authorities
    return await settings.keycloak.removeRealm(realm, host, settings)
  }

  private func hangs(_ directory: RunDirectory, now: Date) throws(Failure) -> Bool {
    guard let record = try directory.readRecord(), record.finished == nil else { return false }
    return now > record.deadline.addingTimeInterval(budget) && now.timeIntervalSince(record.heartbeat) > silence
  }
}

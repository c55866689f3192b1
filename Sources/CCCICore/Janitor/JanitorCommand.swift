public import ArgumentParser
import FoundationEssentials

/// `ccci-janitor`: one pass over what dead runs left behind.
public struct JanitorCommand: Subcommand {
  public static let configuration = CommandConfiguration(
    commandName: "ccci-janitor",
    abstract: "Remove what dead runs left behind: apps whose lock nobody holds, proven ours and not guessed from names. Watch the disk.",
    discussion: """
      An app is a candidate by its name, by its .env or by a run record; it is ours when its .env carries this installation's owner mark, or when a
      run record lists it; and it is an orphan when its lock can be taken. Anything else is reported and left alone.

      Run records older than [run] retention are removed. Above [run] disk_act per cent, so are images without a name that are older than a
      day, while no run is under way, then records older than 7 days, then warm data that is to go. Never other images.

      The warm data of a recipe whose recipe.toml no longer says warm_canonical goes 7 days after an alert; above disk_act 1 day. Nothing goes when
      [host] tests is not set, when a recipe.toml there cannot be read, or when more than a third would go at once.

      Examples:
        ccci-janitor --dry-run
        ccci-janitor --json

      Exit codes: 0 done, also when there was nothing to do; 1 something could not be removed; 64 and above: see docs/exit-codes.md.
      """,
    version: Toolkit.version)

  @Flag(help: "Print the same decisions and touch nothing.")
  var dryRun = false

  @Flag(help: "One JSON object a line.")
  var json = false

  public init() {}

  public func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    var findings = try await sweep(settings, tool).pass(isDry: dryRun)
    let canonicals = try canonicals(settings, tool)
    let warmed: Retirement.Warmed? = if let tests = settings.host.tests { try Retirement.Warmed.read(tests) } else { nil }
    findings += try await canonicals.pass(isDry: dryRun)
    findings += try await canonicals.retire(warmed, isDry: dryRun)
    findings += try await realms(settings, tool)
    let housekeeping = Housekeeping(tool: tool, settings: settings)
    findings += try await housekeeping.pass(isDry: dryRun) { () async throws(Failure) in
      try await canonicals.retire(warmed, notice: Retirement.pressed, isDry: dryRun)
    }
    if !dryRun {
      SweepAlerts(alerts: Alerts(shelf: settings.host.shelf), now: tool.host.now()).raise(findings) { tool.console.progress($0) }
    }
    if json {
      for finding in findings { tool.console.fact(String(decoding: try JSONCoding.line(finding), as: UTF8.self)) }
    } else if findings.isEmpty {
      tool.console.fact("nothing to do: no app looks like a run's, no record is too old")
    } else {
      for finding in findings { tool.console.fact(line(finding)) }
    }
    return findings.contains { !$0.leftovers.isEmpty } ? .no : .ok
  }

  private func line(_ finding: SweepFinding) -> String {
    let name = [.record, .realm, .canonical].contains(finding.kind) ? "\(finding.kind.rawValue) \(finding.name)" : finding.name
    let left = finding.leftovers.isEmpty ? "" : ": \(finding.leftovers.joined(separator: ", "))"
    return "\(finding.decision)  \(name)  \(finding.because)\(finding.run.map { ", run \($0)" } ?? "")\(left)"
  }

  private func canonicals(_ settings: Settings, _ tool: Tool) throws(Failure) -> CanonicalSweep {
    let apps = try sweep(settings, tool)
    return CanonicalSweep(host: tool.host, engine: apps.engine, shelf: settings.host.shelf, locks: apps.locks, servers: apps.servers)
  }

  /// After the apps: those of a kept app stay with it.
  private func realms(_ settings: Settings, _ tool: Tool) async throws(Failure) -> [SweepFinding] {
    guard let keycloak = try settings.keycloak.client(tool.host, settings) else { return [] }
    let apps = try sweep(settings, tool)
    return try await RealmSweep(host: tool.host, keycloak: keycloak, locks: apps.locks, runs: apps.runs, rules: apps.rules).pass(
      isDry: dryRun)
  }

  private func sweep(_ settings: Settings, _ tool: Tool) throws(Failure) -> OrphanSweep {
    let floor = tool.environment["CCCI_JANITOR_MAX_AGE"].map { DurationText.parse($0) } ?? .zero
    guard let floor else {
      throw Failure(.usage, "CCCI_JANITOR_MAX_AGE is no duration", next: "for example 90m, or unset it")
    }
    return try OrphanSweep(settings, host: tool.host, youngest: floor.seconds, isDry: dryRun)
  }
}

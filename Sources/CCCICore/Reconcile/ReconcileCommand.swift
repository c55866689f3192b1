public import ArgumentParser
import FoundationEssentials

/// `ccci-reconcile`.
public struct ReconcileCommand: Subcommand {
  public static let configuration = CommandConfiguration(
    commandName: "ccci-reconcile",
    abstract: "Bring one shared app to its newest safe version, health-gated, rolling back with its data.",
    discussion: """
      The app is one of the settings: [reconcile.<app>]. A pass first finishes or rolls back what an earlier one left. An app that is not deployed is
      deployed; one that differs from the settings, or is not healthy, is deployed again. A newer version is applied unless it is a major one, its
      release notes ask for a person, or it was rolled back here before.

      Runs in flight are waited for, [reconcile] wait at most; new ones queue meanwhile.

      Examples:
        ccci-reconcile keycloak --check
        ccci-reconcile keycloak

      Exit codes: 0 done, also nothing to do, held, rolled back and healthy; 1 the app is not healthy, or its roll-back failed; 72 a secret's file is
      missing; 75 runs were in flight for too long; 128+n stopped by a signal, the next pass goes on; others: see docs/exit-codes.md.
      """,
    version: Toolkit.version)

  @Argument(help: "The app, as the settings name it.")
  var app: String

  @Flag(help: "Print the decision and touch nothing.")
  var check = false

  @Flag(help: "Print what was decided and done, as JSON.")
  var json = false

  public init() {}

  private struct Row: Encodable {
    var app: String
    var decision: String?
    var because: String?
    var running: String?
    var newest: String?
    /// How the pass ended; not with --check.
    var result: String?
    var says: String
  }

  public func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let settings = try Settings.read(tool.environment)
    let start = ReconcileStart(tool: tool, settings: settings, app: try settings.reconcile.app(app))
    let ending = try await start.run(isDry: check)
    if json {
      let row = Row(
        app: app, decision: ending.decision?.word, because: ending.decision?.because, running: ending.running?.text,
        newest: ending.newest?.text, result: check ? nil : ending.result.rawValue, says: ending.says)
      tool.console.fact(String(decoding: try JSONCoding.line(row), as: UTF8.self))
    } else {
      tool.console.fact(check ? "\(app)  \(ending.says)" : "\(ending.result.rawValue)  \(app)  \(ending.says)")
    }
    return check ? .ok : ending.code
  }
}

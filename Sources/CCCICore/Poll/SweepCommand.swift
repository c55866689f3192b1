import ArgumentParser
import FoundationEssentials

/// `ccci-poll sweep`.
struct SweepCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "One build for each warmed recipe whose newest version is newer than its canonical: for the night.")

  @Flag(help: "One JSON object a line.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let start = try PollStart(tool)
    let tests = start.settings.host.tests ?? "tests"
    let desk: PollDesk
    do throws(Failure) {
      guard try Files.status(tests)?.kind == .directory else {
        throw Failure(.config, "\(tests): no such folder", why: "it says which recipes are warmed", next: "set [host] tests")
      }
      desk = try start.pass().desk()
    } catch {
      // A sweep over nothing looked fine for weeks once.
      let alert = Alert(app: "poll", reason: .sweepEmpty, says: "the sweep has nothing to look at: \(error.sentence)", ts: tool.host.now())
      _ = try Alerts(shelf: start.settings.host.shelf).raise(alert)
      throw error
    }
    let environment = ["PATH": tool.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": Account.home, "LC_ALL": "C.UTF-8"]
    let git = Git(
      programs: Programs(host: tool.host, environment: environment), authorities: start.settings.host.authorities,
      credential: try start.settings.forge.credential(mask: tool.console.mask))
    let rows = try await NightSweep(desk: desk, git: git, tests: tests).run()
    for row in rows {
      tool.console.fact(
        json ? String(decoding: try JSONCoding.line(row), as: UTF8.self) : "\(row.decision)  \(row.recipe)  \(row.because)")
    }
    return rows.contains { $0.decision == "failed" } ? .no : .ok
  }
}

import ArgumentParser
import FoundationEssentials

/// `ccci-poll sweep`.
struct SweepCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Test every enrolled recipe cold at its newest version, one build after the other: for the night.",
    discussion: """
      Whoever was tested longest ago comes first. A build is asked for only when it would begin at once, so that nobody waits behind it, and none
      after [nightly] until. With [nightly] only_newer, only recipes with a version that no sweep has tested yet.

      Exit codes: 0 done, whatever the builds said; 1 a recipe could not be swept; 72 no recipe is enrolled; 75 another sweep is at work.
      """)

  @Flag(help: "One JSON object a line.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let start = try PollStart(tool)
    let settings = start.settings
    let desk: PollDesk
    do throws(Failure) { desk = try start.pass().desk() } catch {
      // A sweep over nothing looked fine for weeks once.
      let alert = Alert(app: "poll", reason: .sweepEmpty, says: "the sweep has nothing to look at: \(error.sentence)", ts: tool.host.now())
      _ = try Alerts(shelf: settings.host.shelf).raise(alert)
      throw error
    }
    try Files.createDirectory(start.shelf.folder, mode: 0o700)
    guard let lock = try FileLock.attempt(start.shelf.sweepLock, holder: "ccci-poll sweep") else {
      throw Failure(.tryAgain, "another sweep is at work", next: "nothing is lost: it does the same")
    }
    defer { withExtendedLifetime(lock) {} }
    let environment = ["PATH": tool.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": Account.home, "LC_ALL": "C.UTF-8"]
    let git = Git(
      programs: Programs(host: tool.host, environment: environment), authorities: settings.host.authorities,
      credential: try settings.forge.credential(mask: tool.console.mask))
    let sweep = NightSweep(
      desk: desk, git: git, until: settings.nightly.until?.next(after: tool.host.now()), onlyNewer: settings.nightly.onlyNewer
    ) { [console = tool.console] in console.progress($0) }
    var isWhole = true
    _ = try await sweep.run { (row) throws(Failure) in
      if row.decision == "failed" { isWhole = false }
      guard !json else { return tool.console.fact(String(decoding: try JSONCoding.line(row), as: UTF8.self)) }
      tool.console.fact("\(row.decision)  \(row.recipe)  \(row.because)\(row.ended.map { ": \($0)" } ?? "")")
    }
    return isWhole ? .ok : .no
  }
}

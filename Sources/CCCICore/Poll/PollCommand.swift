public import ArgumentParser
import FoundationEssentials

/// `ccci-poll`.
public struct PollCommand: AsyncParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "ccci-poll",
    abstract: "Find !testme on pull requests, ask Drone for a build, and keep one comment and one commit status true.",
    discussion: """
      Polling is the source of truth; a webhook is only a hint to look at one repository now. Every trigger has exactly one run, whatever dies in between.

      Examples:
        ccci-poll once
        ccci-poll watch --interval 5
        ccci-poll status --json
        WEBHOOK_AUTOREGISTER=1 ccci-poll hooks reconcile

      Exit codes: 0 done, also when there was nothing to do; 1 something does not work (status); 75 another pass is at work; others: see
      docs/exit-codes.md.
      """,
    version: Toolkit.version,
    subcommands: [
      OnceCommand.self, WatchCommand.self, HookCommand.self, HooksCommand.self, SweepCommand.self, PollStatusCommand.self,
    ])

  public init() {}
}

/// What all of them begin with.
struct PollStart: Sendable {
  let tool: Tool
  let settings: Settings

  init(_ tool: Tool) throws(Failure) {
    self.tool = tool
    settings = try Settings.read(tool.environment)
    try HostSecrets(folder: "/run/secrets").add(to: tool.console.mask)
  }

  var shelf: PollShelf { PollShelf(shelf: settings.host.shelf) }

  /// The tokens are read anew each time: they may have been changed since.
  func pass() throws(Failure) -> PollPass {
    guard let forge = settings.forge.tokenFile, let drone = settings.drone.tokenFile else {
      throw Failure(.config, "settings: no token", next: "set url and token_file under [forge] and [drone]")
    }
    return PollPass(
      settings: settings, host: tool.host, shelf: shelf, tokens: (try token(forge, "[forge]"), try token(drone, "[drone]")),
      says: { [console = tool.console] in console.progress($0) })
  }

  private func token(_ path: String, _ table: String) throws(Failure) -> String {
    let token = try TokenFile.read(path, key: "\(table) token_file")
    tool.console.mask.add(token)
    return token
  }
}

/// `ccci-poll once`.
struct OnceCommand: Subcommand {
  static let configuration = CommandConfiguration(commandName: "once", abstract: "One pass over everything that has changed.")

  @Flag(help: "Print what it did, as JSON.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let report = try await PollStart(tool).pass().run()
    if json { tool.console.fact(String(decoding: try JSONCoding.line(report), as: UTF8.self)) }
    return .ok
  }
}

/// `ccci-poll watch`.
struct WatchCommand: Subcommand {
  static let configuration = CommandConfiguration(commandName: "watch", abstract: "The same pass for ever, with connections kept open.")

  @Option(help: ArgumentHelp("Seconds between two passes. Default: [forge] interval.", valueName: "seconds"))
  var interval: Int?

  @Option(help: ArgumentHelp("End after so many passes.", valueName: "count"))
  var passes: Int?

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let start = try PollStart(tool)
    guard interval ?? 1 >= 0, passes ?? 1 >= 0 else { throw Failure(.usage, "neither can be negative", next: "for example --interval 5") }
    let pause = interval.map { Duration.seconds($0) } ?? start.settings.forge.interval
    var left = passes ?? .max
    while left > 0 {
      do throws(Failure) { _ = try await start.pass().run() } catch {
        // Somebody else is at it, or a disk is full for a moment: the next pass does it all.
        guard [.tryAgain, .unavailable, .ioError].contains(error.code) else { throw error }
        if error.code != .tryAgain { tool.console.failure(error) }
      }
      left -= 1
      if left > 0 { try await tool.host.sleep(pause) }
    }
    return .ok
  }
}

public import ArgumentParser
import FoundationEssentials
import Glibc

/// The one place that exits. A command parses, runs, and answers with an exit code or throws a `Failure`.
public protocol Subcommand: AsyncParsableCommand {
  func execute(_ tool: Tool) async throws(Failure) -> ExitCode
}

extension Subcommand {
  public func run() async throws {
    // Reached only when somebody calls ArgumentParser's own main: `Toolkit.main` is the way in.
    Toolkit.leave(await Toolkit.finish(self))
  }
}

/// What every command is given: the host, its environment, and where it speaks.
public struct Tool: Sendable {
  public let host: Host
  public let environment: [String: String]
  public let console: Console
}

public enum Toolkit {
  /// The version of the toolkit, as `--version` prints it.
  public static let version = "0.1.0"

  /// Parses the command line, runs it, exits.
  public static func main<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
    signal(SIGPIPE, SIG_IGN)
    do {
      let command = try root.parseAsRoot()
      if let subcommand = command as? any Subcommand { leave(await finish(subcommand)) }
      var other = command
      try other.run()
      leave(ExitCode.ok.status)
    } catch {
      root.exit(withError: error)
    }
  }

  /// Ends the process at once. `exit` would run the destructors of libraries (OpenSSL's, libcurl's) while threads of ours still work with them:
  /// a green run could end with a segmentation fault.
  fileprivate static func leave(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }

  fileprivate static func finish(_ command: some Subcommand) async -> Int32 {
    let name = CommandLine.arguments.first.map { String($0.split(separator: "/").last ?? "ccci") } ?? "ccci"
    let console = Console(program: name)
    let tool = Tool(host: .live(), environment: ProcessInfo.processInfo.environment, console: console)
    do throws(Failure) {
      return try await command.execute(tool).status
    } catch {
      console.failure(error)
      return error.code.status
    }
  }
}

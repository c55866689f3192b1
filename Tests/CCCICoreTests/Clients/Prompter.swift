import CCCICore
import FoundationEssentials

/// A host that answers every program alike, and remembers what was asked.
final class Prompter: Sendable {
  private let result: CommandResult
  private let log = Locked<[Command]>([])
  var commands: [Command] { log.withLock { $0 } }

  init(_ result: CommandResult) { self.result = result }

  init(output: String = "", error: String = "", code: Int32 = 0) {
    result = CommandResult(status: .exited(code), output: Array(output.utf8), error: Array(error.utf8))
  }

  var host: Host {
    Host(
      run: { command throws(Failure) in
        self.log.withLock { $0.append(command) }
        return self.result
      }, send: { _ throws(HTTPError) in throw HTTPError(.connect, "nobody") }, now: { Date(timeIntervalSince1970: 1_800_000_000) },
      sleep: { _ throws(Failure) in })
  }

  var programs: Programs { Programs(host: host, environment: ["PATH": "/usr/bin", "LC_ALL": "C.UTF-8"]) }

  var abra: Abra { Abra(programs: programs, program: "abra", directory: "/run/abra", server: "default") }
}

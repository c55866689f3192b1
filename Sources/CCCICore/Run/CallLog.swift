/// One file under `logs/` for each call of an outside program, numbered in order: what was run, how it ended, what it said, all masked.
struct CallLog: Sendable {
  let directory: String
  let console: Console
  private let count = Locked(0)

  init(directory: String, console: Console) {
    self.directory = directory
    self.console = console
  }

  /// A call whose name ends in `-secret` prints secrets: its output is withheld.
  func record(_ name: String, _ command: Command, _ result: CommandResult) {
    let number = count.withLock { count in
      count += 1
      return count
    }
    var text = "$ \(([command.program] + command.arguments).joined(separator: " "))\n# in \(command.directory ?? ".")\n"
    text += "# \(result.status), \(JUnit.seconds(result.seconds)) s\n"
    if name.hasSuffix("-secret") {
      text += "(output withheld: it holds secrets)\n"
    } else {
      text += TerminalText.plain(result.text)
      if !result.error.isEmpty { text += "\n# standard error\n\(TerminalText.plain(result.errorText))" }
    }
    let digits = String(number)
    let path = "\(directory)/\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits)-\(name).log"
    // No fsync: a log is a copy of what was said, and its loss costs no decision.
    do throws(Failure) { try Files.append(Array(console.mask.masked(text).utf8), to: path) } catch {
      console.progress("log \(path): \(error.why)")
    }
  }
}

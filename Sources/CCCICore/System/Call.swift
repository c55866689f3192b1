/// A command that has been looked at and can be started: the path of its program, its mark.
struct Call: Sendable {
  let command: Command
  /// What to execute.
  let path: String
  let cookie: String

  init(_ command: Command) throws(Failure) {
    CommandRunner.ignoringBrokenPipes
    self.command = command
    cookie = RandomID.hex(24)
    try Self.refuseNUL(command)
    if let directory = command.directory, try Files.status("\(directory)/")?.kind != .directory {
      throw Failure(.ioError, "\(command.program): cannot be run in \(directory)", why: "no such directory", next: "check the path")
    }
    path = try Self.find(command)
  }

  /// The child's whole environment, the mark included.
  var environment: [String: String] {
    var environment = command.environment
    environment[CallFamily.variable] = cookie
    return environment
  }

  func result(_ status: CommandResult.Status, _ output: Tail, _ error: Tail, _ since: ContinuousClock.Instant, _ survivors: Int)
    -> CommandResult
  {
    let time = (ContinuousClock.now - since).components
    return CommandResult(
      status: status, output: output.kept, error: error.kept, seconds: Double(time.seconds) + Double(time.attoseconds) / 1e18,
      survivors: survivors)
  }

  private static func find(_ command: Command) throws(Failure) -> String {
    let program = command.program
    if program.contains("/") {
      // A relative path is the child's, seen from its own directory.
      let seen = program.hasPrefix("/") ? program : "\(command.directory ?? ".")/\(program)"
      if Files.isExecutable(seen) { return program }
      throw Program.cannotRun(program, try Files.status(seen) == nil ? "no such file" : "not an executable file")
    }
    guard let search = command.environment["PATH"] else { throw Program.cannotRun(program, "its environment has no PATH") }
    for folder in search.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/\(program)"
      if Files.isExecutable(candidate) { return candidate }
    }
    throw Program.cannotRun(program, "not found in \(search)")
  }

  /// The system would cut such a text short, and run something else.
  private static func refuseNUL(_ command: Command) throws(Failure) {
    let texts = [command.program] + command.arguments + command.environment.flatMap { [$0.key, $0.value] }
    guard !texts.contains(where: { $0.utf8.contains(0) }), !command.environment.keys.contains(where: { $0.isEmpty || $0.contains("=") })
    else { throw Failure(.badData, "\(command.program): an argument or variable holds a NUL byte, or a name that cannot be one") }
  }
}

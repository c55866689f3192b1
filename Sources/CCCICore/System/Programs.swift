/// Runs outside programs for the clients: one base environment, one place where every call is recorded.
public struct Programs: Sendable {
  public let host: Host
  /// The whole environment of every child, before a call's own variables.
  public let environment: [String: String]
  /// Called after each call, with its name, what was run and how it ended.
  public let record: @Sendable (String, Command, CommandResult) -> Void

  public init(
    host: Host, environment: [String: String], record: @escaping @Sendable (String, Command, CommandResult) -> Void = { _, _, _ in }
  ) {
    self.host = host
    self.environment = environment
    self.record = record
  }

  /// Runs to the end and records it.
  ///
  /// - Parameter name: for the record, such as `abra-app-deploy`.
  public func call(
    _ name: String, _ program: String, _ arguments: [String], in directory: String? = nil, with variables: [String: String] = [:],
    terminal: Bool = false, sweep: Bool = false, limit: Duration
  ) async throws(Failure) -> CommandResult {
    var command = Command(
      program, arguments, environment: environment.merging(variables) { $1 }, directory: directory, terminal: terminal, limit: limit)
    command.sweep = sweep
    let result = try await host.run(command)
    record(name, command, result)
    return result
  }
}

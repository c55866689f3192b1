public import ArgumentParser

/// A command of the toolkit that is not built yet. It says so, whatever it is asked, and exits 70.
public struct UnbuiltCommand: Subcommand {
  public static let configuration = CommandConfiguration(
    abstract: "Not built yet.", discussion: "This command of the toolkit is not built yet: every call says so and exits 70.",
    version: Toolkit.version)

  @Argument(parsing: .captureForPassthrough, help: .hidden)
  var rest: [String] = []

  public init() {}

  public func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    throw Failure(.bug, "not built yet", next: "the README says what works so far")
  }
}

public import ArgumentParser
public struct RunCommand: Subcommand {
  public init() {}
  public func execute(_ tool: Tool) async throws(Failure) -> ExitCode { .ok }
}

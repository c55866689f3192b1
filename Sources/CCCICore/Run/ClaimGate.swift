/// Lets each trigger through once: a build that Drone was asked for twice runs once.
struct ClaimGate: Sendable {
  let tool: Tool

  /// Claims the trigger of this run, if it has one, and fixes the run's id. nil when the run may begin, else who has had it.
  ///
  /// A build that somebody restarted in Drone is a new run by intention.
  func enter(_ arguments: inout RunRequest.Arguments) throws(Failure) -> RunClaim? {
    let start = RunStart(tool: tool, arguments: arguments)
    let planned = try start.plan()
    guard let key = planned.request.trigger, !isRestart else { return nil }
    let id = try start.runID(planned)
    arguments.runID = id
    let build = tool.environment["DRONE"] == "true" ? tool.environment["DRONE_BUILD_NUMBER"].flatMap { Int($0) } : nil
    return try RunClaim(key: key, run: id, build: build, at: tool.host.now()).claim(runs: planned.settings.host.runs)
  }

  /// Drone's own variables: a build's parameters cannot change these.
  private var isRestart: Bool {
    guard tool.environment["DRONE"] == "true" else { return false }
    return ["DRONE_BUILD_PARENT", "CI_PARENT_BUILD_NUMBER"].contains { tool.environment[$0].flatMap { Int($0) }.map { $0 > 0 } ?? false }
  }
}

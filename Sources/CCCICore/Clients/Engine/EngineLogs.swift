extension Engine {
  /// The last lines that a service or task wrote, standard output and error together; empty when nothing is known of it.
  ///
  /// `id` is a service name, a service id or a task id. Logs of tasks whose container is gone are gone too.
  public func logs(_ id: String, tail: Int) async throws(Failure) -> String {
    let query: EngineQuery = ["stdout": "1", "stderr": "1", "tail": "\(tail)"]
    let name = EngineQuery.encoded(id)
    let service = try await call(.get, "/services/\(name)/logs", query, limit: .seconds(10))
    if service.status == 200 { return LogFrames.text(of: service.body) }
    let task = try await call(.get, "/tasks/\(name)/logs", query, limit: .seconds(10))
    return task.status == 200 ? LogFrames.text(of: task.body) : ""
  }

  /// The last lines of one container; empty when it is gone.
  public func logs(container id: String, tail: Int) async throws(Failure) -> String {
    let query: EngineQuery = ["stdout": "1", "stderr": "1", "tail": "\(tail)"]
    let answer = try await call(.get, "/containers/\(EngineQuery.encoded(id))/logs", query, limit: .seconds(10))
    return answer.status == 200 ? LogFrames.text(of: answer.body) : ""
  }
}

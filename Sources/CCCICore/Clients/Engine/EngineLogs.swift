import FoundationEssentials

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

/// The framing of log streams: eight bytes (stream 0…2, three zeros, length big-endian), then that many bytes, and so on.
enum LogFrames {
  /// The text of all frames in order, a cut last one included; a body without frames (a container with a tty) as it is.
  static func text(of body: [UInt8]) -> String {
    String(decoding: payload(of: body[...]) ?? body[...], as: UTF8.self)
  }

  private static func payload(of body: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = body
    var result: ArraySlice<UInt8> = []
    while !rest.isEmpty {
      let head = Array(rest.prefix(8))
      guard head.count == 8, head[0] <= 2, head[1...3].allSatisfy({ $0 == 0 }) else { return nil }
      let length = head[4...7].reduce(0) { $0 << 8 | Int($1) }
      result += rest.dropFirst(8).prefix(length)
      rest = rest.dropFirst(8 + length)
    }
    return result
  }
}

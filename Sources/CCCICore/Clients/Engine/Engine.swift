/// The Docker engine, spoken to over its unix socket: one value, no connection of its own (`Host.send` keeps them alive).
///
/// Every call throws `Failure`: `unavailable` when the engine does not answer, `denied` when the socket may not be opened,
/// `badData` when the answer does not parse, and what `Failure.engineRefused` says for an error status, with the engine's own words.
/// Source: Docker Engine API 1.41.
public struct Engine: Sendable {
  public let host: Host
  /// Path of the socket, such as `/var/run/docker.sock`.
  public let socket: String
  /// The API version of every path. `version()` fails when the engine does not speak it.
  public let api: String

  public init(host: Host, socket: String, api: String = "1.41") {
    self.host = host
    self.socket = socket
    self.api = api
  }

  /// One call. 404 comes back as a response, every other error status as a failure.
  func call(
    _ method: HTTPRequest.Method, _ path: String, _ query: EngineQuery = [:], limit: Duration? = .seconds(30)
  ) async throws(Failure) -> HTTPResponse {
    try await send(request(method, path, query, limit: limit))
  }

  /// The request of a call, for those who need to add headers or a stream.
  func request(_ method: HTTPRequest.Method, _ path: String, _ query: EngineQuery, limit: Duration?) -> HTTPRequest {
    HTTPRequest(method, "http://engine/v\(api)\(path)\(query.text)", socket: socket, limit: limit, maxBody: 64 << 20)
  }

  /// Sends and sorts the answer: 2xx, 304 and 404 are responses.
  func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
    let response: HTTPResponse
    do {
      response = try await host.send(request)
    } catch {
      throw .engineSilent(error, socket: socket, call: request)
    }
    guard response.status < 400 || response.status == 404 else { throw .engineRefused(response, call: request) }
    return response
  }

  /// Fetches one value that must be there: 404 is `noInput`.
  func get<Value: Decodable>(_ type: Value.Type, _ path: String, _ query: EngineQuery = [:]) async throws(Failure) -> Value {
    let request = request(.get, path, query, limit: .seconds(30))
    let response = try await send(request)
    guard response.status != 404 else { throw .engineRefused(response, call: request) }
    return try JSONCoding.decode(type, from: response.body, path: "docker engine: \(request.engineName)")
  }

  /// Fetches a listing; `null` is an empty one.
  func list<Value: Decodable>(_ type: Value.Type, _ path: String, _ query: EngineQuery = [:]) async throws(Failure) -> [Value] {
    try await get([Value]?.self, path, query) ?? []
  }

  /// Fetches one value, or nil when the engine does not know it.
  func find<Value: Decodable>(_ type: Value.Type, _ path: String, _ query: EngineQuery = [:]) async throws(Failure) -> Value? {
    let request = request(.get, path, query, limit: .seconds(30))
    let response = try await send(request)
    guard response.status != 404 else { return nil }
    return try JSONCoding.decode(type, from: response.body, path: "docker engine: \(request.engineName)")
  }

  /// Deletes; what is not there any more counts as deleted.
  func delete(_ path: String, _ query: EngineQuery = [:]) async throws(Failure) {
    _ = try await call(.delete, path, query)
  }
}

/// Drone's HTTP API, as much of it as cc-ci needs.
public struct Drone: Sendable {
  public let host: Host
  /// `https://drone.ci.example.org`, without a slash at its end.
  public let url: String
  public let token: String
  public let authorities: String?

  public init(host: Host, url: String, token: String, authorities: String?) {
    self.host = host
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.token = token
    self.authorities = authorities
  }

  /// One build of `repo` (`owner/name`), or nil when Drone does not know it.
  ///
  /// Failures: `denied` when the token may not, `unavailable` when there is no answer, `badData` when it is none of Drone's.
  public func build(_ repo: String, _ number: Int) async throws(Failure) -> DroneBuild? {
    let path = "/api/repos/\(repo)/builds/\(number)"
    let response = try await send(request(.get, path))
    if response.status == 404 { return nil }
    var build = try decode(DroneBuild.self, try checked(response, path), path)
    build.observed = response.header("date").flatMap(HTTPDate.parse)
    return build
  }

  /// Whose token this is. A repository may be readable by everybody: that one can be read proves nothing.
  public func user() async throws(Failure) -> String {
    struct User: Decodable { var login: String }
    return try decode(User.self, try checked(try await send(request(.get, "/api/user")), "/api/user"), "/api/user").login
  }

  func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
    do throws(HTTPError) { return try await host.send(request) } catch { throw failure(error) }
  }

  func failure(_ error: HTTPError) -> Failure {
    error.kind == .cancelled
      ? .cancelled
      : Failure(.unavailable, "\(url): does not answer", why: error.message, next: "look at the Drone server, and at [drone] url")
  }

  func request(_ method: HTTPRequest.Method, _ path: String, limit: Duration = .seconds(20)) -> HTTPRequest {
    HTTPRequest(
      method, url + path, headers: [(name: "Authorization", value: "Bearer \(token)")], authorities: authorities, limit: limit)
  }

  func decode<Value: Decodable>(_ type: Value.Type, _ response: HTTPResponse, _ path: String) throws(Failure) -> Value {
    try JSONCoding.decode(type, from: response.body, path: url + path)
  }

  /// Pure. Nobody is told what a build's parameters were: the query is left out.
  func checked(_ response: HTTPResponse, _ path: String) throws(Failure) -> HTTPResponse {
    let place = "\(url)\(path.prefix { $0 != "?" })"
    switch response.status {
    case 200..<300: return response
    case 401, 403:
      throw Failure(
        .denied, "\(url): refuses the token", why: "status \(response.status)", next: "put a valid one into [drone] token_file")
    case 404:
      throw Failure(
        .noInput, "\(place): not found", why: "or the token may not see it",
        next: "look at [drone] repository and branch, and whether Drone can still read the repository")
    default: throw Failure(.unavailable, "\(place): answers \(response.status)", next: "look at the Drone server's log")
    }
  }
}

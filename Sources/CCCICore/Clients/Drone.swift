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
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await host.send(
        HTTPRequest(
          .get, url + path, headers: [(name: "Authorization", value: "Bearer \(token)")], authorities: authorities, limit: .seconds(20)))
    } catch {
      throw Failure(.unavailable, "\(url): does not answer", why: error.message, next: "look at the Drone server, and at [drone] url")
    }
    switch response.status {
    case 200: return try JSONCoding.decode(DroneBuild.self, from: response.body, path: url + path)
    case 404: return nil
    case 401, 403:
      throw Failure(.denied, "\(url): refuses the token", why: "status \(response.status)", next: "put a valid one into [drone] token_file")
    default: throw Failure(.unavailable, "\(url)\(path): answers \(response.status)", next: "look at the Drone server's log")
    }
  }
}

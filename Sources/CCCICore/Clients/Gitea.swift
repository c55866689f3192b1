public import FoundationEssentials

/// Gitea's HTTP API, as much of it as cc-ci needs. Bodies are decoded leniently; what an answer means, its status alone decides.
public struct Gitea: Sendable {
  public let host: Host
  /// `https://git.example.org`, without a slash at its end.
  public let url: String
  public let token: String
  public let authorities: String?

  /// An answer with the server's clock, where it told it.
  public struct Dated<Value: Sendable>: Sendable {
    public var value: Value
    public var date: Date?

    public init(_ value: Value, date: Date?) {
      self.value = value
      self.date = date
    }
  }

  public init(host: Host, url: String, token: String, authorities: String?) {
    self.host = host
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.token = token
    self.authorities = authorities
  }

  /// Whose token this is. Elsewhere an old Gitea takes a wrong token for nobody and answers what is public.
  public func user() async throws(Failure) -> GiteaUser {
    let response = try await answer(request(.get, "/user"), "/user")
    return try decode(GiteaUser.self, response, "/user")
  }

  /// One pull request.
  public func pull(_ slug: String, _ number: Int) async throws(Failure) -> GiteaPull {
    let path = "/repos/\(slug)/pulls/\(number)"
    return try decode(GiteaPull.self, try await answer(request(.get, path), path), path)
  }

  /// What has happened on a pull request since a moment, pushes among it.
  public func timeline(_ slug: String, _ number: Int, since: Date) async throws(Failure) -> [GiteaEvent] {
    let path = "/repos/\(slug)/issues/\(number)/timeline?since=\(Self.stamp(since))"
    return try decode([GiteaEvent].self, try await answer(request(.get, path), path), path)
  }

  /// Whether somebody is a member of an organisation.
  public func membership(_ login: String, of owner: String) async throws(Failure) -> GiteaMembership {
    let path = "/orgs/\(URLText.encoded(owner))/members/\(URLText.encoded(login))"
    let response = try await send(request(.get, path))
    switch response.status {
    case 204: return .member
    case 404: return .stranger
    case 301, 302, 303, 307, 308: return .hidden
    default:
      _ = try checked(response, path)
      return .stranger
    }
  }

  /// Sets the status of a commit under a context.
  public func setStatus(_ slug: String, _ sha: String, _ status: GiteaStatus) async throws(Failure) {
    let path = "/repos/\(slug)/statuses/\(sha)"
    _ = try await answer(request(.post, path, body: JSONCoding.line(status)), path)
  }

  /// An answer in the 200s, or what it is instead.
  func answer(_ request: HTTPRequest, _ path: String) async throws(Failure) -> HTTPResponse {
    try checked(try await send(request), path)
  }

  /// An answer of any status.
  func send(_ request: HTTPRequest) async throws(Failure) -> HTTPResponse {
    do throws(HTTPError) { return try await host.send(request) } catch { throw failure(error) }
  }

  func failure(_ error: HTTPError) -> Failure {
    switch error.kind {
    case .cancelled: .cancelled
    case .tooLarge: Failure(.badData, "\(url): answers too much", why: error.message, next: "look at what was posted there")
    case .resolve, .connect, .tls, .timeout, .badRequest, .broken, .noLibrary:
      Failure(.unavailable, "\(url): does not answer", why: error.message, next: "look at the git host, and at [forge] url")
    }
  }

  func request(_ method: HTTPRequest.Method, _ path: String, body: [UInt8]? = nil) -> HTTPRequest {
    var headers = [(name: "Authorization", value: "token \(token)"), (name: "Accept", value: "application/json")]
    if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
    return HTTPRequest(method, "\(url)/api/v1\(path)", headers: headers, body: body, authorities: authorities, limit: .seconds(30))
  }

  func decode<Value: Decodable>(_ type: Value.Type, _ response: HTTPResponse, _ path: String) throws(Failure) -> Value {
    try JSONCoding.decode(type, from: response.body, path: "\(url)\(path)")
  }

  /// Pure. `unavailable` is for now, everything else until somebody does something.
  func checked(_ response: HTTPResponse, _ path: String) throws(Failure) -> HTTPResponse {
    let place = "\(url)\(path.prefix { $0 != "?" })"
    switch response.status {
    case 200..<300: return response
    case 300..<400:
      let target = response.header("location").map { Self.brief($0) } ?? "somewhere else"
      throw Failure(.config, "\(place): has moved", why: "to \(target)", next: "put its new name into [forge] repositories")
    case 401: throw Failure(.denied, "\(url): refuses the token", why: "status 401", next: "put a valid one into [forge] token_file")
    case 403:
      let words = message(response)
      throw Failure(
        .denied, "\(place): refused", why: words.isEmpty ? "status 403" : words,
        next: words.contains("scope")
          ? "make the token with read:repository, write:issue, read:organization and read:user"
          : "give the bot read and comment rights there")
    case 404: throw Failure(.noInput, "\(place): not found", next: "look whether it exists, and whether the bot may read it")
    case 423: throw Failure(.denied, "\(place): is archived", next: "take it out of [forge] repositories")
    case 429, 500..<600:
      throw Failure(.unavailable, "\(place): answers \(response.status)", next: "look at the git host's log")
    default: throw Failure(.badData, "\(place): answers \(response.status)", why: message(response), next: "look at the git host's log")
    }
  }

  private func message(_ response: HTTPResponse) -> String {
    struct Words: Decodable { var message: String? }
    do throws(Failure) {
      return Self.brief(try JSONCoding.decode(Words.self, from: response.body, path: "").message ?? "")
    } catch { return "" }
  }

  static func brief(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }.prefix(200)) }

  /// For `since=`: a `+` in an offset would be a blank, so it is always UTC.
  static func stamp(_ date: Date) -> String { date.formatted(.iso8601) }

  /// The server's clock.
  static func date(_ response: HTTPResponse) -> Date? { response.header("date").flatMap(HTTPDate.parse) }
}

public enum GiteaMembership: Sendable, Equatable {
  case member, stranger
  /// We are no member ourselves, so we are not told.
  case hidden
}

import FoundationEssentials

/// Keycloak's admin API, as much of it as a run needs: realms that come and go with it.
///
/// An admin token lives a minute, so that each operation takes a new one.
public struct Keycloak: Sendable {
  public let host: Host
  /// `https://keycloak.ci.example.org`, without a slash at its end; with `/auth` for releases before 17.
  public let url: String
  public let administrator: String
  public let password: String
  public let authorities: String?

  public init(host: Host, url: String, administrator: String, password: String, authorities: String?) {
    self.host = host
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.administrator = administrator
    self.password = password
    self.authorities = authorities
  }

  /// The issuer that tokens of a realm name.
  public func issuer(of realm: String) -> String { "\(url)/realms/\(realm)" }

  /// Why it cannot be used at the moment; nil when it can. Its own discovery page is asked, and its administrator let in.
  public func ailment() async throws(Failure) -> String? {
    struct Discovery: Decodable { var issuer: String }
    let place = "\(issuer(of: "master"))/.well-known/openid-configuration"
    do throws(Failure) {
      let response = try await send(.get, place, limit: .seconds(10))
      guard response.status == 200 else { return "\(place) answers \(response.status)" }
      let found = try JSONCoding.decode(Discovery.self, from: response.body, path: place).issuer
      guard found == issuer(of: "master") else { return "\(place) names the issuer \(found.prefix(120))" }
      _ = try await token()
      return nil
    } catch {
      if error == .cancelled { throw error }
      return error.sentence
    }
  }

  /// Every realm with its attributes.
  public func realms() async throws(Failure) -> [Realm] {
    let response = try await admin(.get, "")
    guard response.status == 200 else { throw unexpected("list its realms", response) }
    return try JSONCoding.decode([Realm].self, from: response.body, path: "\(url)/admin/realms")
  }

  /// Makes a realm with its client and its user in one request: there is no moment at which it stands there without its marks.
  ///
  /// - Returns: false when a realm of that name exists.
  public func create(_ realm: NewRealm) async throws(Failure) -> Bool {
    let response = try await admin(.post, "", body: JSONCoding.line(realm))
    switch response.status {
    case 201: return true
    case 409: return false
    default: throw unexpected("make the realm \(realm.realm)", response)
    }
  }

  /// Removes a realm; one that is not there is no failure. The realm `master` is refused before anything is asked.
  public func delete(_ realm: String) async throws(Failure) {
    guard realm != "master", !realm.isEmpty, realm.utf8.allSatisfy({ Self.plain.contains($0) }) else {
      throw Failure(.bug, "the realm \"\(realm.prefix(80))\" is never removed")
    }
    let response = try await admin(.delete, "/\(realm)")
    guard response.status == 204 || response.status == 404 else { throw unexpected("remove the realm \(realm)", response) }
  }

  /// What the name of a realm of ours is made of.
  private static let plain = Set("abcdefghijklmnopqrstuvwxyz0123456789-_.".utf8)

  private func admin(_ method: HTTPRequest.Method, _ path: String, body: [UInt8]? = nil) async throws(Failure) -> HTTPResponse {
    let bearer = try await token()
    let headers = [(name: "Authorization", value: "Bearer \(bearer)"), (name: "Content-Type", value: "application/json")]
    // A new realm gets its keys: some seconds on a small host.
    return try await send(method, "\(url)/admin/realms\(path)", headers: headers, body: body, limit: .seconds(60))
  }

  private func token() async throws(Failure) -> String {
    struct Grant: Decodable {
      var token: String
      enum CodingKeys: String, CodingKey { case token = "access_token" }
    }
    let place = "\(issuer(of: "master"))/protocol/openid-connect/token"
    let fields = [("grant_type", "password"), ("client_id", "admin-cli"), ("username", administrator), ("password", password)]
    let form = fields.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
    let response = try await send(
      .post, place, headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")], body: Array(form.utf8),
      limit: .seconds(20))
    guard response.status == 200 else {
      throw Failure(
        .denied, "\(url): does not let its administrator \(administrator) in", why: "status \(response.status)",
        next: "correct [keycloak] user or the password in its password_file")
    }
    return try JSONCoding.decode(Grant.self, from: response.body, path: place).token
  }

  /// Everything but unreserved characters in per cent notation, as RFC 3986 has it.
  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._~".utf8.contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  private func send(
    _ method: HTTPRequest.Method, _ place: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, limit: Duration
  ) async throws(Failure) -> HTTPResponse {
    do throws(HTTPError) {
      return try await host.send(HTTPRequest(method, place, headers: headers, body: body, authorities: authorities, limit: limit))
    } catch {
      if error.kind == .cancelled { throw .cancelled }
      throw Failure(.unavailable, "\(url): does not answer", why: error.message, next: "look at Keycloak, and at [keycloak] url")
    }
  }

  private func unexpected(_ what: String, _ response: HTTPResponse) -> Failure {
    Failure(
      response.status == 403 ? .denied : .unavailable, "\(url): will not \(what)", why: "status \(response.status)",
      next: response.status == 403 ? "let [keycloak] user administer every realm" : "look at Keycloak's log")
  }
}

extension Keycloak {
  /// A realm as the admin API shows it.
  public struct Realm: Sendable, Equatable, Decodable {
    public var name: String
    public var attributes: [String: String]

    enum CodingKeys: String, CodingKey {
      case attributes
      case name = "realm"
    }

    public init(name: String, attributes: [String: String]) {
      self.name = name
      self.attributes = attributes
    }

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      name = try values.decode(String.self, forKey: .name)
      // Other people's attributes may be anything.
      attributes = (try? values.decodeIfPresent([String: String].self, forKey: .attributes)) ?? [:]
    }
  }

  /// The representation that makes a realm.
  public struct NewRealm: Sendable, Equatable, Encodable {
    public struct Client: Sendable, Equatable, Encodable {
      public var clientId: String
      public var secret: String
      public var redirectUris: [String]
      public var enabled = true
      public var publicClient = false
      public var standardFlowEnabled = true
      public var directAccessGrantsEnabled = true
      public var serviceAccountsEnabled = true
      public var webOrigins = ["+"]

      /// - Parameter redirectUris: where people are sent back to after the login.
      public init(clientId: String, secret: String, redirectUris: [String]) {
        self.clientId = clientId
        self.secret = secret
        self.redirectUris = redirectUris
      }
    }
    public struct User: Sendable, Equatable, Encodable {
      public struct Credential: Sendable, Equatable, Encodable {
        public var type = "password"
        public var value: String
        public var temporary = false
      }
      /// The subject of the user's tokens.
      public var id: String
      public var username: String
      public var credentials: [Credential]
      public var enabled = true
      // Without these a user is "not fully set up" since release 24, and gets no token by the password grant.
      public var email: String
      public var emailVerified = true
      public var firstName = "Test"
      public var lastName = "User"

      public init(id: String, username: String, password: String) {
        self.id = id
        self.username = username
        credentials = [Credential(value: password)]
        email = "\(username)@example.org"
      }
    }
    public var realm: String
    public var enabled = true
    public var attributes: [String: String]
    public var clients: [Client]
    public var users: [User]

    public init(realm: String, attributes: [String: String], client: Client, user: User) {
      self.realm = realm
      self.attributes = attributes
      clients = [client]
      users = [user]
    }
  }
}

import FoundationEssentials

/// What makes a realm on a Keycloak usable for one app: who its client and its test user are. Both secrets go into the mask before they are used.
///
/// A run makes its own and forgets them with `deps.json`. Those of a canonical are `<shelf>/<name>/realm.json`, 0600: its data and its swarm secrets were
/// made with them, so that each quick run must find the same realm, client and user again.
public struct RealmCredentials: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  public var realm: String
  public var clientSecret: String
  public var username: String
  /// The subject that tokens name. Apps know a person by it, so that it must be the same in a realm that was made again.
  public var userID: String
  public var password: String
  /// The issuer that the known-good was made with; nil as long as there is no known-good.
  public var issuer: String?

  enum CodingKeys: String, CodingKey {
    case schema, realm, username, password, issuer
    case clientSecret = "client_secret"
    case userID = "user_id"
  }

  public init(realm: String, clientSecret: String, username: String, userID: String, password: String) {
    self.realm = realm
    self.clientSecret = clientSecret
    self.username = username
    self.userID = userID
    self.password = password
  }

  /// New ones, which nobody else knows.
  static func fresh(realm: String) -> RealmCredentials {
    RealmCredentials(
      realm: realm, clientSecret: RandomID.hex(32), username: "ccci", userID: UUID().uuidString.lowercased(), password: RandomID.hex(24))
  }
}

extension ShelfFolder {
  public var realm: String { "\(path)/realm.json" }

  /// nil for a canonical that has no realm.
  public func readRealm() throws(Failure) -> RealmCredentials? {
    guard let bytes = try Files.readIfPresent(realm) else { return nil }
    return try JSONCoding.decode(RealmCredentials.self, from: bytes, path: realm)
  }

  /// Written by whoever holds the app's lock.
  public func write(_ credentials: RealmCredentials) throws(Failure) {
    try Files.createDirectory(path, mode: 0o700)
    try Files.write(JSONCoding.encode(credentials), to: realm, mode: 0o600)
  }
}

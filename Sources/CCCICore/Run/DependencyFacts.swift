/// One entry of `deps.json`: what overlays and hooks may know of a dependency. 0600, and gone with the run.
struct DependencyFacts: Encodable, Sendable, Equatable {
  enum Kind: String, Encodable, Sendable {
    /// A realm on the host's own Keycloak.
    case shared
    /// An app of this run.
    case cold
    case none
  }
  var recipe: String
  var kind: Kind
  var ready: Bool
  /// Why it is not ready.
  var because: String?
  var domain: String?
  var url: String?
  /// The app's generated secrets, by name; of a cold app only.
  var secrets: [String: String]?
  var realm: String?
  var issuer: String?
  var clientID: String?
  var clientSecret: String?
  var username: String?
  var password: String?

  enum CodingKeys: String, CodingKey {
    case recipe, kind, ready, because, domain, url, secrets, realm, issuer, username, password
    case clientID = "client_id"
    case clientSecret = "client_secret"
  }

  static func notReady(_ recipe: RecipeName, _ because: String) -> DependencyFacts {
    DependencyFacts(recipe: recipe.text, kind: .none, ready: false, because: because)
  }
}

/// A realm on a Keycloak for as long as one run works, with a client for its app and a user for its tests.
struct RunRealm: Sendable {
  let stage: Stage
  let keycloak: Keycloak
  let credentials: RealmCredentials

  /// `<recipe>-<6hex of recipe|pr|ref>`: the digits are those of the app's domain in a cold run.
  static func name(of plan: RunPlan) -> String {
    let app = AppDomain.run(of: plan.recipe, pr: plan.target.pr, what: plan.target.what, zone: "x")
    return "\(plan.recipe)-\(app.text.dropLast(2).suffix(6))"
  }

  /// `warm-<recipe>`, the first label of the canonical's domain.
  static func name(ofCanonical domain: AppDomain) -> String { String(domain.text.prefix { $0 != "." }) }

  /// Makes it. One of an earlier run of the same name is removed first, when its marks prove it: this run holds its app's lock.
  func make(kind: DependencyFacts.Kind) async throws(Failure) -> DependencyFacts {
    let name = credentials.realm
    stage.console.mask.add(credentials.clientSecret)
    stage.console.mask.add(credentials.password)
    let realm = Keycloak.NewRealm(
      realm: name, attributes: RealmMark(owner: stage.owner, app: stage.domain.text).attributes,
      client: Keycloak.NewRealm.Client(clientId: stage.recipe.text, secret: credentials.clientSecret, redirectUris: ["\(stage.url)/*"]),
      user: Keycloak.NewRealm.User(id: credentials.userID, username: credentials.username, password: credentials.password))
    if try await !keycloak.create(realm) {
      try await removeEarlier()
      guard try await keycloak.create(realm) else {
        throw Failure(.tryAgain, "\(keycloak.url): the realm \(name) exists again", next: "look who makes it, then run it again")
      }
    }
    return DependencyFacts(
      recipe: DependencyPlan.shared, kind: kind, ready: true, domain: nil, url: keycloak.url, realm: name,
      issuer: keycloak.issuer(of: name), clientID: stage.recipe.text, clientSecret: credentials.clientSecret,
      username: credentials.username, password: credentials.password)
  }

  private func removeEarlier() async throws(Failure) {
    let name = credentials.realm
    let found = try await keycloak.realms().first { $0.name == name }
    guard let mark = found.flatMap({ RealmMark($0.attributes) }), mark.instance == RealmMark.instance(of: stage.owner),
      mark.app == stage.domain.text
    else {
      throw Failure(
        .config, "\(keycloak.url): a realm \(name) that is not ours stands there",
        next: "look at it, and remove it by hand if it is nobody's")
    }
    stage.ledger.warn("removed the realm \(name) of the earlier run \(mark.run)")
    try await keycloak.delete(name)
  }
}

/// The realm of one run on a Keycloak, with a client for its app and a user for its tests.
struct RunRealm: Sendable {
  let stage: Stage
  let keycloak: Keycloak

  /// `<recipe>-<6hex of recipe|pr|ref>`: the digits are those of the app's domain in a cold run.
  static func name(of plan: RunPlan) -> String {
    let app = AppDomain.run(of: plan.recipe, pr: plan.target.pr, what: plan.target.what, zone: "x")
    return "\(plan.recipe)-\(app.text.dropLast(2).suffix(6))"
  }

  /// Makes it. One of an earlier run of the same commit is removed first, when its marks prove it: this run holds its app's lock.
  func make(kind: DependencyFacts.Kind) async throws(Failure) -> DependencyFacts {
    let name = Self.name(of: stage.plan)
    let facts = DependencyFacts(
      recipe: DependencyPlan.shared, kind: kind, ready: true, domain: nil, url: keycloak.url, realm: name,
      issuer: keycloak.issuer(of: name),
      clientID: stage.recipe.text, clientSecret: RandomID.hex(32), username: "ccci", password: RandomID.hex(24))
    stage.console.mask.add(facts.clientSecret ?? "")
    stage.console.mask.add(facts.password ?? "")
    let realm = Keycloak.NewRealm(
      realm: name, attributes: RealmMark(owner: stage.owner, app: stage.domain.text).attributes, clientID: stage.recipe.text,
      clientSecret: facts.clientSecret ?? "", url: stage.url, username: facts.username ?? "", password: facts.password ?? "")
    if try await keycloak.create(realm) { return facts }
    try await removeEarlier(name)
    guard try await keycloak.create(realm) else {
      throw Failure(.tryAgain, "\(keycloak.url): the realm \(name) exists again", next: "look who makes it, then run it again")
    }
    return facts
  }

  private func removeEarlier(_ name: String) async throws(Failure) {
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

/// 8 of the order of a cold run: what the recipe needs beside itself, brought up and written into `deps.json`.
struct Dependencies: Sendable {
  let stage: Stage

  /// Brings up every dependency of one kind that is not there yet.
  ///
  /// - Returns: those that did not become ready, each with the finding that says so.
  func provide(_ need: DependencyPlan.Need) async throws(Failure) -> [(recipe: RecipeName, finding: Finding)] {
    var missing: [(recipe: RecipeName, finding: Finding)] = []
    for plan in stage.plan.dependencies where plan.need == need {
      try stage.enter("dependencies", "dependency \(plan.recipe)")
      let facts = try await stage.ledger.timed("dependencies") { () async throws(Failure) in try await bringUp(plan) }
      stage.ledger.note { $0.dependencies[plan.recipe.text] = facts }
      try Files.write(JSONCoding.encode(stage.ledger.now.dependencies), to: stage.directory.deps, mode: 0o600)
      if facts.ready {
        stage.console.progress("  ok   \(plan.recipe): \(facts.realm.map { "realm \($0) on \(facts.url ?? "")" } ?? facts.url ?? "")")
      } else {
        let because = "the dependency \(plan.recipe) is not ready: \(facts.because ?? "nobody knows why")"
        stage.console.progress("  error \(because)")
        missing.append((plan.recipe, .error(.deps, because)))
      }
    }
    return missing
  }

  /// A dependency that fails is an answer; only the run's own end is none.
  private func bringUp(_ plan: DependencyPlan) async throws(Failure) -> DependencyFacts {
    do throws(Failure) {
      if let shared = try await onShared(plan) { return shared }
      return try await cold(plan)
    } catch {
      if error == .cancelled { throw error }
      return .notReady(plan.recipe, error.sentence)
    }
  }

  /// A realm on the host's own Keycloak; nil when there is none, or it is not well, and the run may bring up one of its own.
  private func onShared(_ plan: DependencyPlan) async throws(Failure) -> DependencyFacts? {
    guard plan.provider != nil, let keycloak = try stage.settings.keycloak.client(stage.host, stage.settings) else {
      return plan.isWarm ? .notReady(plan.recipe, "warm data is of a realm on the host's, and [keycloak] url is not set") : nil
    }
    stage.console.mask.add(keycloak.password)
    if let ailment = try await keycloak.ailment() {
      stage.console.progress("  the host's \(plan.recipe) is not healthy: \(ailment)")
      guard !plan.isWarm else { return .notReady(plan.recipe, "the host's is not healthy, and warm data is of a realm on it: \(ailment)") }
      stage.ledger.warn("the host's \(plan.recipe) is not healthy: \(ailment); the run brings up one of its own")
      return nil
    }
    let credentials =
      plan.isWarm ? try WarmRealm(stage: stage).credentials(on: keycloak) : RealmCredentials.fresh(realm: RunRealm.name(of: stage.plan))
    // Before it exists: whoever cleans up after a killed run must know of it.
    try stage.ledger.record(at: stage.host.now()) { $0.realm = credentials.realm }
    return try await RunRealm(stage: stage, keycloak: keycloak, credentials: credentials).make(kind: .shared)
  }

  private func cold(_ plan: DependencyPlan) async throws(Failure) -> DependencyFacts {
    let before = stage.ledger.now.deploys
    let app = try await ColdDependency(stage: stage.of(plan), plan: plan).deploy()
    // Each cold dependency is one deploy of its own; one that did not come up must not look like a second deploy of the app.
    let made = stage.ledger.now.deploys - before
    stage.ledger.note { $0.expectedDeploys += app.ready ? 1 : made }
    guard app.ready, plan.recipe.text == DependencyPlan.shared, let url = app.url else { return app }
    guard let password = app.secrets?["admin_password"] else {
      return .notReady(plan.recipe, "it generated no secret admin_password, so that no realm can be made on it")
    }
    let administrator = try stage.of(plan).app.values()["ADMIN_USERNAME"] ?? "admin"
    let keycloak = Keycloak(
      host: stage.host, url: url, administrator: administrator, password: password, authorities: stage.settings.host.authorities)
    let credentials = RealmCredentials.fresh(realm: RunRealm.name(of: stage.plan))
    var facts = try await RunRealm(stage: stage, keycloak: keycloak, credentials: credentials).make(kind: .cold)
    facts.domain = app.domain
    facts.secrets = app.secrets
    return facts
  }
}

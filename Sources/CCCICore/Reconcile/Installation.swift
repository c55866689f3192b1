import FoundationEssentials

/// Puts one release of the app on the swarm, and watches it.
struct Installation: Sendable {
  let app: SharedApp
  let published: Published

  /// `.env`, secrets, images, deploy. pass when abra took it.
  func deploy(_ version: RecipeVersion) async throws(Failure) -> Finding {
    try await published.checkOut(published.release(version))
    if try Files.status(app.env.path) == nil {
      let answer = try await app.abra.new(app.app.recipe, app.domain)
      guard answer.ok else { return .error(.harness, "abra app new: \(answer.reason)", log: answer.tail) }
      // A sample may name its recipe otherwise than its repository is called.
      try app.env.set([("TYPE", app.app.recipe.text)], zone: app.settings.host.zone)
    }
    _ = try app.env.adopt(sample: "\(app.checkout)/.env.sample")
    try app.env.set(app.wanted.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, zone: app.settings.host.zone)
    try await insertSecrets()
    let made = try await app.abra.generateSecrets(app.domain)
    // It ends with 1 when there is nothing to make; a secret that is really missing stops the deploy, by name.
    if made.result.status == .timedOut { return .error(.harness, "abra app secret generate: \(made.reason)") }
    let facts: ComposeFacts
    do throws(Failure) { facts = try Standing(app: app).released(over: [:]) } catch  where error.code == .badData {
      return .fail(.assertion, error.sentence)
    }
    try await app.deployer.pull(facts.services.map(\.image))
    let answer = try await app.abra.deploy(app.domain, version)
    guard answer.ok else { return .fail(.assertion, "abra app deploy: \(answer.reason)", log: answer.tail) }
    // docker stack deploy leaves what a release has dropped.
    for service in try await app.engine.services(stack: app.domain.stack)
    where !facts.services.contains(where: { $0.name == service.shortName }) {
      app.console.progress("  removing the service \(service.shortName), which this release has no more")
      try await app.engine.removeService(service.name)
    }
    return .pass
  }

  /// Waits until it serves, then holds it to its soak time.
  ///
  /// - Parameter before: a view from before the deploy: what was there already must have been replaced.
  func watch(_ version: RecipeVersion, before: StackView, soak: Duration) async throws(Failure) -> Finding {
    let patience = try app.patience()
    let redeployed = app.host.now()
    let settled = try await app.deployer.settle(since: before.at, patience: patience) {
      Standing.judge($0, before: before, redeployed: redeployed)
    }
    guard settled.outcome == .pass else { return settled }
    guard try await Standing(app: app).running() == version else {
      return .fail(.rolledBack, "rolled back: swarm went back from \(version)")
    }
    if let health = app.app.health {
      let serving = try await app.deployer.serving.wait(
        "https://\(app.domain)\(health)", ok: RecipeSettings().healthOK, limit: patience.http)
      guard serving.outcome == .pass else { return serving }
    }
    return try await hold(soak)
  }

  /// Healthy for so long, as it stands.
  func hold(_ soak: Duration) async throws(Failure) -> Finding {
    app.console.progress("  watching it for \(DurationText.format(soak))")
    let start = ContinuousClock.now
    var samples: [HealthGate.Sample] = []
    while true {
      samples.append(HealthGate.Sample(at: ContinuousClock.now - start, problem: try await Standing(app: app).look()))
      switch HealthGate.decide(samples, soak: soak) {
      case .healthy: return .pass
      case .unhealthy(let why): return .fail(.notConverged, "did not hold through its soak time: \(why)")
      case .wait: break
      }
      samples = samples.suffix(HealthGate.tolerance)
      try await app.host.sleep(.seconds(1))
    }
  }

  /// Stops the app, its data kept.
  func undeploy() async throws(Failure) {
    let report = await app.teardown.stop(graceful: true)
    if Task.isCancelled { throw .cancelled }
    guard report.isClean else {
      throw app.failure(
        .tryAgain, "cannot be undeployed", why: report.leftovers.joined(separator: ", "), next: "remove by hand what is named")
    }
    // One version's configs are in another's way: the same name with another content is refused.
    for config in try await app.engine.configs(named: "\(app.domain.stack)_") { try await app.engine.removeConfig(config.name) }
  }

  private func insertSecrets() async throws(Failure) {
    let present = try await app.engine.secrets(named: "\(app.domain.stack)_").map(\.name)
    for secret in app.app.secrets where !present.contains(app.remote(secret)) {
      let answer = try await app.abra.insertSecret(app.domain, secret.name, secret.version, file: secret.file)
      guard answer.ok else {
        throw app.failure(.unavailable, "secret \(secret.name) \(secret.version) cannot be inserted", why: answer.reason)
      }
      app.console.progress("  inserted the secret \(secret.name) \(secret.version)")
    }
  }
}

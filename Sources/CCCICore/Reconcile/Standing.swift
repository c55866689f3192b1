import FoundationEssentials

/// How the app stands: looked at, and nothing changed.
struct Standing: Sendable {
  let app: SharedApp

  /// The version that runs; nil when nothing does.
  ///
  /// - Throws: `config` when what runs is no release.
  func running() async throws(Failure) -> RecipeVersion? {
    let services = try await app.engine.services(stack: app.domain.stack)
    guard !services.isEmpty else { return nil }
    let text = services.lazy.compactMap { $0.labels["\(app.label).version"] }.first
    // A stack without a label is what a killed deploy left: the .env has what it was.
    if let version = (text ?? typed()).flatMap({ RecipeVersion($0) }) { return version }
    throw app.failure(
      .config, "what runs at \(app.domain) is no release", why: "its version is \"\(text ?? "")\"",
      next: "deploy a release by hand: abra app deploy \(app.domain) <version>")
  }

  /// The version that abra wrote into the `.env`.
  func typed() -> String? {
    guard let values = try? app.env.values(), let type = values["TYPE"] ?? values["RECIPE"] else { return nil }
    return type.split(separator: ":", maxSplits: 1).dropFirst().first.map(String.init)
  }

  /// What differs from the settings and from the release, which is checked out.
  ///
  /// - Parameter patience: how long an app that only is not healthy yet is waited for, as after a boot.
  func drift(patience: Duration) async throws(Failure) -> [String] {
    var facts = Drift.Facts()
    facts.wanted = app.wanted
    if try Files.status(app.env.path) != nil { facts.env = try app.env.values() }
    facts.secrets = app.app.secrets.map { app.remote($0) }
    facts.presentSecrets = try await app.engine.secrets(named: "\(app.domain.stack)_").map(\.name)
    let services = try await app.engine.services(stack: app.domain.stack)
    facts.deployed = services.map { Drift.Service(name: $0.shortName, image: $0.image) }
    facts.isChaos = services.contains { $0.labels["\(app.label).chaos"] == "true" }
    facts.released = try released(over: facts.wanted).services.map { Drift.Service(name: $0.name, image: $0.image) }
    let isAsWanted = Drift.reasons(facts).isEmpty
    facts.problem = try await problem(within: isAsWanted ? patience : .zero)
    return Drift.reasons(facts)
  }

  /// The compose files that are checked out, as the app's `.env` would fill them with the settings in it.
  func released(over wanted: [String: String]) throws(Failure) -> ComposeFacts {
    guard try Files.status(app.env.path) != nil else { return ComposeFacts(services: [], volumes: []) }
    let environment = try app.env.interpolation(checkout: app.checkout).merging(wanted) { $1 }
    return try ComposeFiles.facts(in: app.checkout, environment: environment, of: app.app.recipe)
  }

  /// What is wrong with the app's health, asked a few times and until the limit has passed; nil as soon as it is healthy.
  func problem(within limit: Duration) async throws(Failure) -> String? {
    let end = ContinuousClock.now + limit
    var looks = 0
    while true {
      looks += 1
      guard let problem = try await look() else { return nil }
      if looks == HealthGate.tolerance, ContinuousClock.now < end { app.console.progress("  not healthy yet: \(problem)") }
      if looks >= HealthGate.tolerance, ContinuousClock.now >= end { return problem }
      try await app.host.sleep(.seconds(1))
    }
  }

  /// One look: swarm's word, then the health path.
  func look() async throws(Failure) -> String? {
    let view = try await app.engine.view(stack: app.domain.stack)
    switch Self.judge(view) {
    case .converged: break
    case .waiting(let reasons), .failed(let reasons): return reasons.joined(separator: "; ")
    }
    guard let health = app.app.health else { return nil }
    let url = "https://\(app.domain)\(health)"
    let finding = Serving.judge(await app.deployer.serving.ask(url), url: url, ok: RecipeSettings().healthOK)
    return finding.outcome == .pass ? nil : finding.because
  }

  /// At rest on what was deployed: swarm calls an old task running until it begins to replace it.
  static func judge(_ view: StackView, before: StackView, redeployed: Date) -> Convergence.Judgement {
    let proof = UpdateProof.judgement(before: before, now: view, redeployed: redeployed)
    guard case .converged = proof else { return proof }
    return judge(view)
  }

  /// At rest, and no service went back to what it was before.
  static func judge(_ view: StackView) -> Convergence.Judgement {
    let judgement = Convergence.judge(view, steady: Deployer.steady)
    let undone = view.services.compactMap { service -> String? in
      guard let update = service.update, [.paused, .rollbackPaused, .rollbackCompleted].contains(update.state) else { return nil }
      return "\(service.shortName): \(update.state.rawValue): \(update.message)"
    }
    guard case .converged = judgement, !undone.isEmpty else { return judgement }
    return .failed(reasons: undone)
  }
}

/// A dependency as an app of the run's own: its newest published release, deployed, converged, serving. It goes with the run.
struct ColdDependency: Sendable {
  /// The dependency's: its recipe, its domain, its `.env`.
  let stage: Stage
  let plan: DependencyPlan

  func deploy() async throws(Failure) -> DependencyFacts {
    try await ClearGround(stage: stage).clear()
    let checkout = try await Checkout.make(of: plan.recipe, from: plan.source, at: .latest, in: stage.home, git: stage.git)
    for warning in checkout.warnings { stage.ledger.warn("\(plan.recipe): \(warning)") }
    try OverlayContext(stage.plan, zone: stage.settings.host.zone).write(to: stage.meta)
    let release = checkout.release
    let candidate = Candidate(
      commit: checkout.head, release: release, words: "\(plan.recipe) \(release?.version.text ?? checkout.head.short)")
    stage.console.progress("  deploying \(candidate.words) at \(stage.url)")
    let deployment = Deployment(stage: stage, checkout: checkout, kind: .new(hooks: ["install_steps"])) { candidate async throws(Failure) in
      try await PolicyGate(stage: stage, checkout: checkout).finding(base: candidate.commit)
    }
    let finding = try await stand(deployment, candidate)
    guard finding.outcome == .pass else { return .notReady(plan.recipe, "\(candidate.words): \(finding.because)") }
    let secrets = stage.ledger.now.secrets[stage.domain.text] ?? [:]
    return DependencyFacts(
      recipe: plan.recipe.text, kind: .cold, ready: true, domain: stage.domain.text, url: stage.url, secrets: secrets)
  }

  private func stand(_ deployment: Deployment, _ candidate: Candidate) async throws(Failure) -> Finding {
    let since = stage.host.now()
    let deployed = try await deployment.deploy(candidate)
    guard deployed.outcome == .pass else { return deployed }
    let settled = try await deployment.settled(since: since)
    return settled.outcome == .pass ? try await deployment.serving(since: since) : settled
  }
}

import FoundationEssentials

/// The upgrade tier: the head deployed over the base, in place.
struct UpgradeTier: Sendable {
  let stage: Stage
  let subject: Subject

  func walk() async throws(Failure) -> TierResult {
    try stage.enter("upgrade", "upgrade: to head \(subject.head.short)")
    var sheet = TierSheet(.upgrade, stage)
    let hook = try await Hooks(stage: stage).call("pre_upgrade", op: .upgrade)
    guard hook.outcome == .pass else {
      sheet.add(hook, named: "pre_upgrade", origin: .overlay, seconds: 0)
      return sheet.result
    }
    let watched = try await stage.volumes.watch(except: stage.plan.settings.canaryExcept)
    let before = try await stage.engine.view(stack: stage.domain.stack)
    let since = stage.host.now()
    guard try await sheet.check(.upgradeDeployed, { () async throws(Failure) in try await deploy() }) else { return sheet.result }
    let finished = try await sheet.check(.upgradeFinished) { () async throws(Failure) in
      try await stage.ledger.timed("converge") { () async throws(Failure) in try await settle(since: since, before: before) }
    }
    try await removeOrphans()
    _ = try await sheet.check(.upgradeData) { () async throws(Failure) in try await data(watched) }
    guard finished else { return sheet.result }
    _ = try await sheet.check(.upgradeCommit) { () async throws(Failure) in try await commit() }
    _ = try await sheet.check(.upgradeImages) { () async throws(Failure) in try await images() }
    guard try await sheet.check(.upgradeServing, { () async throws(Failure) in try await Probes(stage: stage).serving(since: since) })
    else {
      return sheet.result
    }
    try OpState(stage: stage).note(.upgrade, ["version": subject.version?.text ?? "", "commit": subject.head.text])
    let overlays = try await Overlays(stage: stage, tier: .upgrade).run()
    sheet.add(overlays)
    return sheet.result
  }

  private func deploy() async throws(Failure) -> Finding {
    try await stage.git.checkOut(subject.checkout.directory, subject.head)
    let adopted = try stage.app.adopt(sample: "\(subject.checkout.directory)/.env.sample")
    if !adopted.isEmpty {
      stage.ledger.warn("the head's .env.sample brings \(adopted.joined(separator: ", ")): operators add them by hand at this upgrade")
    }
    try stage.app.set(
      [("TYPE", stage.recipe.text)] + stage.upgradeSettings, zone: stage.settings.host.zone)
    try EnvironmentOverlay(stage: stage, checkout: subject.checkout.directory).place()
    if let refused = try await PolicyGate(stage: stage, checkout: subject.checkout).finding(created: subject.head) { return refused }
    let secrets = try await Secrets(stage: stage).generate()
    guard secrets.outcome == .pass else { return secrets }
    try await stage.ledger.timed("pull") { () async throws(Failure) in try await stage.deployer.pull(subject.facts.services.map(\.image)) }
    let answer = try await stage.ledger.timed("upgrade") { () async throws(Failure) in try await stage.abra.deployCheckout(stage.domain) }
    guard answer.ok else { return .fail(.assertion, "abra app deploy: \(answer.reason)", log: answer.tail) }
    guard try await stage.git.commit(subject.checkout.directory, "HEAD") == subject.head else {
      throw Failure(
        .bug, "\(stage.recipe): the checkout was moved away from \(subject.head.short) during the deploy", next: "nobody else may use it")
    }
    return .pass
  }

  private func settle(since: Date, before: StackView) async throws(Failure) -> Finding {
    let redeployed = stage.host.now()
    return try await stage.deployer.settle(since: since, patience: stage.patience) { now in
      let judgement = UpdateProof.judgement(before: before, now: now, redeployed: redeployed)
      return judgement == .converged ? Convergence.judge(now, steady: Deployer.steady) : judgement
    }
  }

  /// Swarm keeps a service that the head no longer names, and so will every operator.
  private func removeOrphans() async throws(Failure) {
    let named = Set(subject.facts.services.map(\.name))
    for service in try await stage.engine.services(stack: stage.domain.stack) where !named.contains(service.shortName) {
      try await stage.engine.removeService(service.name)
      stage.console.progress("  removed \(service.shortName): the head dropped it, and swarm keeps it")
      stage.ledger.note { $0.orphansRemoved.append(service.shortName) }
    }
  }

  private func data(_ watched: [AppVolumes.Watched]) async throws(Failure) -> Finding {
    var lost: [String] = []
    var wasProved = false
    for (volume, judgement) in zip(watched, try await stage.volumes.judge(watched)) {
      switch judgement {
      case .kept: wasProved = wasProved || volume.canary != nil || !volume.inventory.sample.isEmpty
      case .warning(let words): stage.ledger.warn(words)
      case .lost(let words): lost.append(words)
      }
    }
    let proof: Proof = wasProved ? .files : .nothing
    stage.ledger.note { $0.proved["upgrade"] = proof }
    return lost.isEmpty ? .pass : .fail(.dataLost, lost.joined(separator: "; "))
  }

  private func commit() async throws(Failure) -> Finding {
    let label = "coop-cloud.\(stage.domain.stack).chaos-version"
    let found = try await stage.engine.service("\(stage.domain.stack)_app")?.labels[label] ?? "none"
    let wanted = EnvironmentOverlay.chaosLabel(subject.head, stage)
    return found == wanted
      ? .pass : .fail(.assertion, "the chaos-version label is \(found), not \(wanted): the head is not what runs")
  }

  private func images() async throws(Failure) -> Finding {
    var wrong: [String] = []
    let services = try await stage.engine.services(stack: stage.domain.stack)
    for wanted in subject.facts.services {
      guard let service = services.first(where: { $0.shortName == wanted.name }) else {
        wrong.append("\(wanted.name) is not there")
        continue
      }
      if !ImageReference(service.image).names(same: ImageReference(wanted.image)) {
        wrong.append("\(wanted.name) runs \(service.image), not \(wanted.image)")
      }
    }
    return wrong.isEmpty ? .pass : .fail(.assertion, wrong.joined(separator: "; "))
  }
}

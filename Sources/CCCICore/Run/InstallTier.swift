import FoundationEssentials

/// 9 of the order of a cold run, and the install tier: the one deploy, of the base where there is one.
struct InstallTier: Sendable {
  let stage: Stage
  let subject: Subject

  enum Ending: Sendable, Equatable {
    case installed
    /// Neither the base nor the release before it could be installed; the head stands there, fresh.
    case baseBroken(String)
    case failed
  }

  /// One commit to install.
  struct Candidate: Sendable {
    var commit: CommitID
    /// nil when no published version stands on it.
    var release: UpgradeBase.Release?
    var words: String

    /// Deployed pinned, by abra's own checkout; else by ours and chaos.
    var pinned: RecipeVersion? { release.flatMap { $0.isAnnotated ? $0.version : nil } }
  }

  func walk() async throws(Failure) -> Ending {
    var broken: [String] = []
    for candidate in bases {
      let result = try await install(candidate)
      if result.outcome == .pass {
        let words = candidate.release?.version.text
        stage.ledger.note { $0.baseVersion = words }
        finish(result)
        return .installed
      }
      broken.append("\(candidate.words): \(result.because ?? result.outcome.rawValue)")
      stage.console.progress("  base \(candidate.words) does not install")
      try await removeBroken()
    }
    let result = try await install(Candidate(commit: subject.head, release: nil, words: "head \(subject.head.short)"))
    finish(result)
    guard result.outcome == .pass else { return .failed }
    guard !broken.isEmpty else { return .installed }
    return .baseBroken(
      "base-broken: \(broken.joined(separator: "; ")); if that is known, accept it in recipe.toml: expected_na = { upgrade = \"…\" }")
  }

  /// The base, and the next older release in case it does not install.
  private var bases: [Candidate] {
    switch subject.base {
    case .skip: return []
    case .ref(let commit, _): return [Candidate(commit: commit, release: nil, words: "\(commit.short)")]
    case .version(let version, let commit, _):
      let release = subject.checkout.releases.first { $0.version == version }
      let older = UpgradeBase.older(than: version, among: subject.checkout.releases, head: subject.head)
      let first = Candidate(commit: commit, release: release, words: version.text)
      return [first] + (older.map { [Candidate(commit: $0.commit, release: $0, words: $0.version.text)] } ?? [])
    }
  }

  private func finish(_ result: TierResult) { stage.ledger.note { $0.tiers.append(result) } }

  private func removeBroken() async throws(Failure) {
    stage.ledger.note { entries in
      entries.expectedDeploys += 1
      entries.logTail = []
    }
    let report = await stage.teardown.remove()
    guard report.isClean else {
      throw Failure(
        .tryAgain, "\(stage.domain): the broken base cannot be removed", why: report.leftovers.joined(separator: ", "),
        next: "remove it by hand")
    }
  }

  private func install(_ candidate: Candidate) async throws(Failure) -> TierResult {
    try stage.enter("install", "install: \(candidate.words)")
    var sheet = TierSheet(.install, stage)
    let since = stage.host.now()
    guard try await sheet.check(.installDeployed, { () async throws(Failure) in try await deploy(candidate) }) else { return sheet.result }
    let converged = try await sheet.check(.installConverged) { () async throws(Failure) in
      try await stage.ledger.timed("converge") { () async throws(Failure) in
        try await stage.deployer.settle(since: since, patience: stage.patience)
      }
    }
    guard converged else { return sheet.result }
    guard try await sheet.check(.installServing, { () async throws(Failure) in try await Probes(stage: stage).serving(since: since) })
    else {
      return sheet.result
    }
    _ = try await sheet.check(.installVersion) { () async throws(Failure) in try await version(candidate) }
    try OpState(stage: stage).note(.install, ["version": candidate.words, "commit": candidate.commit.text])
    let overlays = try await Overlays(stage: stage, tier: .install).run()
    sheet.add(overlays)
    return sheet.result
  }

  /// Checkout, `.env`, hooks, secrets, images, deploy.
  private func deploy(_ candidate: Candidate) async throws(Failure) -> Finding {
    try await stage.git.checkOut(subject.checkout.directory, candidate.commit)
    let directory = subject.checkout.directory
    if let fault = try fault({ () throws(Failure) in try RecipeTree.check(directory, of: stage.recipe) }) { return fault }
    let gate = PolicyGate(stage: stage, checkout: subject.checkout)
    if candidate.commit != subject.head, let refused = try await gate.finding(base: candidate.commit) {
      // The base is part of the question. The release before it is only tried in its place.
      if candidate.commit == subject.base.commit, refused.reason == .policy { throw gate.end(refused, "the base \(candidate.words)") }
      return refused
    }
    let created = try await stage.ledger.timed("create") { () async throws(Failure) in try await create(candidate) }
    guard created.outcome == .pass else { return created }
    var images: [String] = []
    let broken = try fault { () throws(Failure) in
      try EnvironmentOverlay(stage: stage, checkout: directory).place()
      let environment = try stage.app.interpolation(checkout: directory)
      images = try ComposeFiles.facts(in: directory, environment: environment, of: stage.recipe).services.map(\.image)
    }
    if let broken { return broken }
    if let refused = try await gate.finding(created: candidate.commit) { return refused }
    let wanted = images
    try await stage.ledger.timed("pull") { () async throws(Failure) in try await stage.deployer.pull(wanted) }
    stage.ledger.note { $0.deploys += 1 }
    let answer = try await stage.ledger.timed("deploy") { () async throws(Failure) in
      if let version = pinned(candidate) { return try await stage.abra.deploy(stage.domain, version) }
      return try await stage.abra.deployCheckout(stage.domain)
    }
    try await guardCheckout(candidate.commit)
    return answer.ok ? .pass : .fail(.assertion, "abra app deploy: \(answer.reason)", log: answer.tail)
  }

  /// What is broken in a release's own files does not stop the run: it is a base that does not install.
  private func fault(_ check: () throws(Failure) -> Void) throws(Failure) -> Finding? {
    do throws(Failure) { try check() } catch  where error.code == .badData { return .fail(.assertion, error.sentence) }
    return nil
  }

  private func create(_ candidate: Candidate) async throws(Failure) -> Finding {
    let domain = stage.domain.text
    try stage.ledger.record(at: stage.host.now()) { record in
      if !record.apps.contains(domain) { record.apps.append(domain) }
    }
    let answer = try await stage.abra.new(stage.recipe, stage.domain)
    guard answer.ok else { return .error(.harness, "abra app new: \(answer.reason)", log: answer.tail) }
    let values = stage.app.always(owner: stage.owner, deployTimeout: stage.plan.settings.deployTimeout) + stage.envSettings
    try stage.app.set(values, zone: stage.settings.host.zone)
    let hooks = Hooks(stage: stage)
    for hook in ["install_steps", "pre_install"] {
      let finding = try await hooks.call(hook, op: .install)
      guard finding.outcome == .pass else { return finding }
    }
    return try await Secrets(stage: stage).generate()
  }

  /// Somebody else moving our checkout would make every later answer a lie.
  private func guardCheckout(_ commit: CommitID) async throws(Failure) {
    guard try await stage.git.commit(subject.checkout.directory, "HEAD") == commit else {
      throw Failure(
        .bug, "\(stage.recipe): the checkout was moved away from \(commit.short) during the deploy",
        next: "nobody else may use \(subject.checkout.directory)")
    }
  }

  private func version(_ candidate: Candidate) async throws(Failure) -> Finding {
    guard let service = try await stage.engine.service("\(stage.domain.stack)_app") else {
      return .error(.harness, "the service app is gone")
    }
    let prefix = "coop-cloud.\(stage.domain.stack)"
    if let wanted = pinned(candidate) {
      let found = service.labels["\(prefix).version"] ?? "none"
      return found == wanted.text ? .pass : .fail(.assertion, "the version label is \(found), not \(wanted)")
    }
    let found = service.labels["\(prefix).chaos-version"] ?? "none"
    let wanted = EnvironmentOverlay.chaosLabel(candidate.commit, stage)
    return found == wanted ? .pass : .fail(.assertion, "the chaos-version label is \(found), not \(wanted)")
  }

  /// With a file of ours in the checkout abra refuses anything but chaos.
  private func pinned(_ candidate: Candidate) -> RecipeVersion? { EnvironmentOverlay.isPlanned(stage) ? nil : candidate.pinned }
}

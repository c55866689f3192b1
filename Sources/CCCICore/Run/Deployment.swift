import FoundationEssentials

/// One commit to install.
struct Candidate: Sendable {
  var commit: CommitID
  /// nil when no published version stands on it.
  var release: UpgradeBase.Release?
  var words: String

  /// Deployed pinned, by abra's own checkout; else by ours and chaos.
  var pinned: RecipeVersion? { release.flatMap { $0.isAnnotated ? $0.version : nil } }
}

/// Puts a commit of a recipe on the swarm as a new app: the run's own, or one that it depends on.
struct Deployment: Sendable {
  let stage: Stage
  let checkout: Checkout
  enum Kind: Sendable {
    /// From nothing; the hooks are called between `abra app new` and the secrets.
    case new(hooks: [String])
    /// Its `.env`, its secrets and its volumes are there.
    case again
  }
  let kind: Kind
  /// Before anything is created of a commit that is checked out: why it must not be.
  let gate: @Sendable (Candidate) async throws(Failure) -> Finding?

  init(
    stage: Stage, checkout: Checkout, kind: Kind,
    gate: @escaping @Sendable (Candidate) async throws(Failure) -> Finding? = { _ async throws(Failure) in nil }
  ) {
    self.stage = stage
    self.checkout = checkout
    self.kind = kind
    self.gate = gate
  }

  /// Checkout, `.env`, hooks, secrets, images, deploy.
  func deploy(_ candidate: Candidate) async throws(Failure) -> Finding {
    try await stage.git.checkOut(checkout.directory, candidate.commit)
    let directory = checkout.directory
    let unfit = try fault { () throws(Failure) in
      try RecipeTree.check(directory, of: stage.recipe)
      try RecipeTree.checkTexts(directory, of: stage.recipe)
    }
    if let unfit { return unfit }
    if let refused = try await gate(candidate) { return refused }
    let created = try await stage.timed("create") { () async throws(Failure) in try await create() }
    guard created.outcome == .pass else { return created }
    var images: [String] = []
    let broken = try fault { () throws(Failure) in
      try EnvironmentOverlay(stage: stage, checkout: directory).place()
      let environment = try stage.app.interpolation(checkout: directory)
      images = try ComposeFiles.facts(in: directory, environment: environment, of: stage.recipe).services.map(\.image)
    }
    if let broken { return broken }
    if let refused = try await PolicyGate(stage: stage, checkout: checkout).finding(created: candidate.commit) { return refused }
    let wanted = images
    try await stage.timed("pull") { () async throws(Failure) in try await stage.deployer.pull(wanted) }
    stage.ledger.note { $0.deploys += 1 }
    let answer = try await stage.timed("deploy") { () async throws(Failure) in
      if let version = pinned(candidate) { return try await stage.abra.deploy(stage.domain, version) }
      return try await stage.abra.deployCheckout(stage.domain)
    }
    try await guardCheckout(candidate.commit)
    return answer.ok ? .pass : .fail(.assertion, "abra app deploy: \(answer.reason)", log: answer.tail)
  }

  func settled(since: Date) async throws(Failure) -> Finding {
    try await stage.timed("converge") { () async throws(Failure) in
      try await stage.deployer.settle(since: since, patience: stage.patience)
    }
  }

  func serving(since: Date) async throws(Failure) -> Finding { try await Probes(stage: stage).serving(since: since) }

  /// With a file of ours in the checkout abra refuses anything but chaos.
  func pinned(_ candidate: Candidate) -> RecipeVersion? { EnvironmentOverlay.isPlanned(stage) ? nil : candidate.pinned }

  /// What is broken in a release's own files does not stop the run: it is a base that does not install.
  private func fault(_ check: () throws(Failure) -> Void) throws(Failure) -> Finding? {
    do throws(Failure) { try check() } catch  where error.code == .badData { return .fail(.assertion, error.sentence) }
    return nil
  }

  private func create() async throws(Failure) -> Finding {
    let domain = stage.domain.text
    try stage.ledger.record(at: stage.host.now()) { record in
      // A canonical is never removed.
      if record.canonical != domain, !record.apps.contains(domain) { record.apps.append(domain) }
    }
    let values = stage.app.always(owner: stage.owner, deployTimeout: stage.plan.settings.deployTimeout) + stage.envSettings
    guard case .new(let hooks) = kind else {
      try stage.app.set(values, zone: stage.settings.host.zone)
      return try await Secrets(stage: stage).generate()
    }
    let answer = try await stage.abra.new(stage.recipe, stage.domain)
    guard answer.ok else { return .error(.harness, "abra app new: \(answer.reason)", log: answer.tail) }
    try stage.app.set(values, zone: stage.settings.host.zone)
    for hook in hooks {
      let finding = try await Hooks(stage: stage).call(hook, op: .install)
      guard finding.outcome == .pass else { return finding }
    }
    return try await Secrets(stage: stage).generate()
  }

  /// Somebody else moving our checkout would make every later answer a lie.
  private func guardCheckout(_ commit: CommitID) async throws(Failure) {
    guard try await stage.git.commit(checkout.directory, "HEAD") == commit else {
      throw Failure(
        .bug, "\(stage.recipe): the checkout was moved away from \(commit.short) during the deploy",
        next: "nobody else may use \(checkout.directory)")
    }
  }
}

/// 6 and 7 of the order of a cold run: the recipe at its commit, what it says, and where the upgrade starts.
struct Preparation: Sendable {
  let stage: Stage

  func subject() async throws(Failure) -> Subject {
    try stage.enter("checkout", "checkout of \(stage.plan.source.src)")
    let checkout = try await stage.ledger.timed("checkout") { () async throws(Failure) in try await self.checkout() }
    stage.ledger.note { $0.head = checkout.head }
    // First what is no compose file at all: it is said with file and line.
    let facts = try ComposeFiles.facts(in: checkout.directory, environment: try stage.previewEnvironment(), of: stage.recipe)
    try await PolicyGate(stage: stage, checkout: checkout).passHead()
    try EnvironmentOverlay.check(stage, head: facts)
    let version = facts.version ?? checkout.release?.version
    let base = try knownGood(checkout) ?? UpgradeBase.resolve(question(checkout, version))
    let subject = Subject(checkout: checkout, facts: facts, version: version, base: base, targets: BackupTarget.all(in: facts))
    stage.ledger.note { entries in
      entries.version = version?.text
      entries.base = base
    }
    say(subject)
    return subject
  }

  private func checkout() async throws(Failure) -> Checkout {
    try stage.home.create(from: stage.settings.host.abraDirectory, server: stage.settings.host.server)
    let checkout = try await Checkout.make(of: stage.recipe, from: stage.plan.source, at: stage.plan.target, in: stage.home, git: stage.git)
    for warning in checkout.warnings { stage.ledger.warn(warning) }
    if try Files.status("\(checkout.directory)/tests")?.kind == .directory {
      // A link to a folder, say, cannot be copied; that is no reason to judge nothing.
      do throws(Failure) { try Files.copyTree("\(checkout.directory)/tests", to: stage.directory.repoLocal) } catch {
        stage.ledger.warn("the recipe's own tests/ could not be set aside: \(error.sentence)")
      }
      try RepoLocal(stage: stage).note()
    }
    return checkout
  }

  /// Where a quick run starts from.
  private func knownGood(_ checkout: Checkout) throws(Failure) -> UpgradeBase? {
    guard stage.plan.mode == .quick else { return nil }
    let meta = try stage.warm.store.current()
    guard let version = RecipeVersion(meta.version), let commit = meta.commit.flatMap({ CommitID($0) }) else {
      throw Failure(.noInput, "\(stage.recipe): the known-good \(meta.version) was saved without its commit", next: "promote a cold run")
    }
    if commit == checkout.head { return .skip(reason: .structural, because: "the head is the known-good \(version)") }
    return .version(version, commit: commit, because: "the canonical's known-good")
  }

  private func question(_ checkout: Checkout, _ version: RecipeVersion?) -> UpgradeBase.Question {
    let isPinned = if case .commit = stage.plan.target { true } else { false }
    return UpgradeBase.Question(
      head: checkout.head, headVersion: version, isPinned: isPinned, releases: checkout.releases, mainTip: checkout.mainTip,
      isPlanned: stage.plan.tiers.contains { $0.tier == .upgrade }, expectedNA: stage.plan.settings.expectedNA[.upgrade])
  }

  private func say(_ subject: Subject) {
    let name = subject.version?.text ?? "no version"
    stage.console.progress(
      "  head \(subject.head.short) (\(name)), \(subject.facts.services.count) services, \(subject.checkout.releases.count) releases")
    switch subject.base {
    case .version(let version, _, let because): stage.console.progress("  base \(version): \(because)")
    case .ref(let commit, let because): stage.console.progress("  base \(commit.short): \(because)")
    case .skip(_, let because): stage.console.progress("  no base: \(because)")
    }
  }
}

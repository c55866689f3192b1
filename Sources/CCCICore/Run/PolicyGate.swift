/// The compose policy at work: nothing is created of a commit that it refuses.
struct PolicyGate: Sendable {
  let stage: Stage
  let checkout: Checkout

  /// For the head, right after its checkout: with the `.env` of an install, and with what an upgrade changes in it.
  func passHead() async throws(Failure) {
    var settings = [[(String, String)]()]
    if !stage.upgradeSettings.isEmpty { settings.append(stage.upgradeSettings) }
    var unused = stage.plan.settings.allow
    for more in settings {
      let answer = try await answer(checkout.head) { (folder) throws(Failure) in try stage.previewEnvironment(of: folder, with: more) }
      unused.removeAll { !answer.unused.contains($0) }
      say(answer)
      guard answer.refusals.isEmpty else { throw end(Self.finding(answer), "the head \(checkout.head.short)") }
    }
    for entry in unused {
      stage.ledger.warn("recipe.toml: the entry in [[allow]] for \(entry.service): \(entry.key) allows nothing in the head")
    }
  }

  /// For a base that is checked out, before anything is created of it. What it may do is what people run already.
  func finding(base commit: CommitID) async throws(Failure) -> Finding? {
    try await finding(commit) { (folder) throws(Failure) in try stage.previewEnvironment(of: folder) }
  }

  /// Right before abra deploys what is checked out, with the app's own `.env`: hooks and the base's sample have written into it since.
  func finding(created commit: CommitID) async throws(Failure) -> Finding? {
    try await finding(commit) { (folder) throws(Failure) in try stage.app.interpolation(checkout: folder) }
  }

  /// Files that cannot be read are a defect of the recipe, as where they are deployed.
  private func finding(
    _ commit: CommitID, environment: (String) throws(Failure) -> [String: String]
  ) async throws(Failure) -> Finding? {
    do throws(Failure) {
      let answer = try await answer(commit, environment: environment)
      say(answer)
      return answer.refusals.isEmpty ? nil : Self.finding(answer)
    } catch  where error.code == .badData {
      return .fail(.assertion, error.sentence)
    }
  }

  private static func finding(_ answer: PolicyAnswer) -> Finding { .error(.policy, answer.because, log: answer.log) }

  /// Every tier ends with the refusal, and so does the run.
  func end(_ refusal: Finding, _ what: String) -> Failure {
    let because = "the compose policy refuses \(what): \(refusal.because)"
    for line in refusal.log { stage.console.progress("  | \(line)") }
    stage.ledger.note { entries in
      entries.tiers = stage.plan.tiers.map { TierResult($0.tier, .error(.policy, because)) }
      entries.logTail = refusal.log
    }
    let canAllow = refusal.log.contains { $0.hasSuffix("[[allow]]") }
    let file = "tests/\(stage.recipe)/recipe.toml"
    return Failure(
      .unjudged, "\(stage.recipe): the compose policy refuses \(what)", why: refusal.because,
      next: canAllow
        ? "take it out, or add the [[allow]] entry printed above, with a reason, to \(file)" : "take it out: no entry can allow it")
  }

  private var context: PolicyContext { PolicyContext(domain: stage.domain, proxy: stage.settings.host.proxy) }

  private var checks: PolicyChecks { PolicyChecks(recipe: stage.recipe, policy: ComposePolicy(context)) }

  /// Judges what is checked out; with the same values for the published release beside it.
  private func answer(
    _ commit: CommitID, environment: (String) throws(Failure) -> [String: String]
  ) async throws(Failure) -> PolicyAnswer {
    let findings = try checks.findings(in: checkout.directory, environment: try environment(checkout.directory))
    var published: [PolicyAnswer.Published] = []
    if !findings.isEmpty {
      if let same = checkout.published.first(where: { $0.commit == commit }) {
        published.append(PolicyAnswer.Published(version: same.version, findings: findings))
      } else if let newest = try await newest() {
        published = try release(newest, environment: environment)
      }
    }
    return PolicyAnswer.of(findings, published: published, allowances: stage.plan.settings.allow, in: context)
  }

  private func release(
    _ release: UpgradeBase.Release, environment: (String) throws(Failure) -> [String: String]
  ) throws(Failure) -> [PolicyAnswer.Published] {
    let folder = stage.directory.published
    do throws(Failure) {
      let findings = try checks.findings(in: folder, environment: try environment(folder))
      return [PolicyAnswer.Published(version: release.version, findings: findings)]
    } catch  where error.code == .badData {
      stage.ledger.warn("the published release \(release.version) cannot be compared with: \(error.sentence)")
      return []
    }
  }

  /// The newest published release, in a folder of its own: made once, and only for a commit that needs it.
  private func newest() async throws(Failure) -> UpgradeBase.Release? {
    guard let newest = checkout.published.max(by: { $0.version < $1.version }) else { return nil }
    if try Files.status(stage.directory.published) == nil {
      try await stage.git.copy(checkout.directory, to: stage.directory.published, at: newest.commit)
    }
    try RecipeTree.check(stage.directory.published, of: stage.recipe)
    return newest
  }

  private func say(_ answer: PolicyAnswer) {
    let known = stage.ledger.now.warnings
    for sentence in answer.accepted.map({ "compose policy: \($0.sentence)" }) where !known.contains(sentence) {
      stage.ledger.warn(sentence)
      stage.console.progress("  \(sentence)")
    }
  }
}

import FoundationEssentials

/// Makes the version of a green cold run the known-good: deployed from nothing at the canonical's domain, undeployed, saved, and put in the place of
/// the old one in one exchange.
struct PromoteRun: Sendable {
  let stage: Stage
  let stops: Stops
  let plain: Host
  let release: UpgradeBase.Release
  /// Whether its snapshot could be used before.
  private let wasVoid: Bool

  init(stage: Stage, stops: Stops, plain: Host, release: UpgradeBase.Release) throws(Failure) {
    (self.stage, self.stops, self.plain, self.release) = (stage, stops, plain, release)
    wasVoid = try stage.warm.folder.readCanonical()?.status == .void
  }

  private var app: WarmApp { stage.warm }

  /// Why not, when another promotion was quicker while this one waited for its locks.
  ///
  /// - Throws: what stopped it, or `no` when the version does not come up. The old known-good is then whole, nothing is deployed, and an alert says so.
  func run() async throws(Failure) -> String? {
    if let known = try app.folder.readMeta().flatMap({ RecipeVersion($0.version) }), release.version < known {
      try finish("not promoted")
      return "\(release.version) is older than the known-good \(known), which was made meanwhile"
    }
    let heart = Task { await stage.ledger.beat(plain) }
    defer { heart.cancel() }
    do throws(Failure) {
      try await stops.during { () async throws(Failure) in try await promote() }
      await removeRealm()
      try finish("promoted \(release.version)")
      return nil
    } catch {
      await undo(error)
      throw error
    }
  }

  private func promote() async throws(Failure) {
    let domain = app.domain.text
    try stage.ledger.record(at: stage.host.now()) { $0.canonical = domain }
    try app.folder.write(
      Canonical(recipe: stage.recipe.text, domain: domain, status: .promoting, ts: stage.host.now(), run: stage.directory.id))
    try stage.enter("checkout", "checkout of \(stage.plan.source.src)")
    try stage.home.create(from: stage.settings.host.abraDirectory, server: stage.settings.host.server)
    let checkout = try await Checkout.make(
      of: stage.recipe, from: stage.plan.source, at: .version(release.version), in: stage.home, git: stage.git)
    guard checkout.head == release.commit else {
      throw Failure(.no, "\(stage.recipe): the tag \(release.version) has just moved", next: "test it again: ccci-run \(stage.recipe)")
    }
    if let missing = try await Dependencies(stage: stage).provide(.app).first {
      throw Failure(.unavailable, missing.finding.because, next: "promote again when it is well")
    }
    try stage.enter("deploy", "deploying \(release.version) at \(app.domain), from nothing")
    try await app.clear()
    try await stand(checkout)
    try stage.enter("snapshot", "undeploying, and saving")
    let report = await app.rest(graceful: true)
    guard report.isClean else {
      throw Failure(.tryAgain, "\(domain): cannot be undeployed", why: report.leftovers.joined(separator: ", "), next: "remove it by hand")
    }
    let subject = SnapshotStore.Subject(recipe: stage.recipe, version: release.version.text, commit: release.commit)
    let meta = try await app.store.create(subject, verifies: true, keepsTrees: true)
    try WarmRealm(stage: stage).commit()
    try app.folder.mark(.idle, run: stage.directory.id, at: stage.host.now())
    stage.console.progress(
      "  known-good is now \(meta.version): \(meta.volumes.count) volumes, \(ByteText.of(meta.bytes)) as \(ByteText.of(meta.size))")
  }

  private func stand(_ checkout: Checkout) async throws(Failure) {
    let words = "\(stage.recipe) \(release.version)"
    let deployment = Deployment(stage: stage, checkout: checkout, kind: .new(hooks: ["install_steps"])) { candidate async throws(Failure) in
      try await PolicyGate(stage: stage, checkout: checkout).finding(base: candidate.commit)
    }
    let since = stage.host.now()
    var finding = try await deployment.deploy(Candidate(commit: release.commit, release: release, words: words))
    if finding.outcome == .pass { finding = try await deployment.settled(since: since) }
    if finding.outcome == .pass { finding = try await deployment.serving(since: since) }
    guard finding.outcome == .pass else {
      for line in finding.log { stage.console.progress("       | \(line)") }
      throw Failure(
        .no, "\(words): does not come up as a canonical", why: finding.because,
        next: "the old known-good stands; look at \(stage.directory.path)")
    }
  }

  /// Outside of what a signal cancels.
  private func undo(_ failure: Failure) async {
    stage.console.progress("stopping: \(failure.sentence)")
    let report = await app.rest(graceful: false)
    for leftover in report.leftovers { stage.console.progress("  left behind: \(leftover)") }
    await removeRealm()
    do throws(Failure) {
      try app.folder.mark(wasVoid ? .void : .dirty, run: stage.directory.id, at: stage.host.now())
      try Alerts(shelf: stage.settings.host.shelf).raise(
        PromoteRun.alert(stage.recipe, release.version.text, failure.sentence, run: stage.directory.id, at: stage.host.now()))
      try finish("failed")
    } catch {
      stage.console.progress(error.sentence)
    }
  }

  /// What stays waits for the janitor.
  private func removeRealm() async {
    guard let realm = stage.ledger.now.record.realm else { return }
    let report = await stage.settings.keycloak.removeRealm(realm, stage.host, stage.settings)
    for complaint in report.complaints { stage.console.progress("  left behind: realm \(realm): \(complaint)") }
  }

  static func alert(_ recipe: RecipeName, _ version: String, _ says: String, run: String, at time: Date) -> Alert {
    Alert(
      app: recipe.text, reason: .promoteFailed, says: "the promotion to \(version) failed: \(says)", toVersion: version, ts: time,
      details: ["run": run])
  }

  private func finish(_ phase: String) throws(Failure) {
    try stage.directory.dropCopies()
    try stage.ledger.record(at: stage.host.now()) { record in
      record.phase = phase
      record.finished = stage.host.now()
    }
  }
}

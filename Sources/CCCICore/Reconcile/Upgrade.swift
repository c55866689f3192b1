import FoundationEssentials

/// The steps that change the app. Each is written down before it begins.
struct Upgrade: Sendable {
  typealias Ending = Reconciler.Ending

  let app: SharedApp
  let published: Published

  private var installation: Installation { Installation(app: app, published: published) }

  /// Goes on where an earlier pass ended.
  func resume(_ state: ReconcileState, _ next: ReconcileState.Next) async throws(Failure) -> Ending {
    switch next {
    case .decide: throw app.failure(.bug, "nothing is unfinished")
    case .start(let version): return try await start(version, state)
    case .repair(let version): return try await repair(version, isHealthy: false, state)
    case .save(let from, let to): return try await apply(from: from, to: to, state)
    case .prove(let from, let to): return try await prove(from: from, to: to, state)
    case .restore(let from, let to):
      if state.last == .rollbackFailed, let ending = try await taken(from: from, to: to, state) { return ending }
      guard state.step == .proving else { return try await restore(from: from, to: to, state) }
      let why = "\(to) was begun \(state.attempts) times, and no pass came to its end"
      return try await rollBack(from: from, to: to, because: why, state.rejecting(to.text))
    case .recover(let from, let to):
      if state.last == .rollbackFailed, try await Standing(app: app).running() != from,
        let ending = try await taken(from: from, to: to, state)
      {
        return ending
      }
      return try await recover(from: from, to: to, state)
    }
  }

  /// After a roll-back that failed somebody may have brought the app up by hand. What runs and holds is theirs, with the data that was written
  /// since: it is kept, and the roll-back is over. nil when nothing runs, or what runs is not healthy.
  private func taken(from: RecipeVersion, to: RecipeVersion, _ state: ReconcileState) async throws(Failure) -> Ending? {
    guard try app.folder.readRestoreMark() == nil, let running = try await Standing(app: app).running() else { return nil }
    app.console.progress("the roll-back from \(to) to \(from) had failed, and \(running) runs: somebody has deployed it")
    // It may be on its way up.
    if let problem = try await Standing(app: app).problem(within: app.patience().deploy) {
      app.console.progress("  \(problem): going on with the roll-back")
      return nil
    }
    let finding = try await installation.hold(app.app.soak)
    guard finding.outcome == .pass else {
      app.console.progress("  \(finding.because): going on with the roll-back")
      return nil
    }
    try app.folder.write(lastGood: running)
    return try end(.repaired, "\(running): was brought up by hand and is healthy: kept as it is", running: running, state)
  }

  /// Deploys where nothing runs.
  func start(_ version: RecipeVersion, _ state: ReconcileState) async throws(Failure) -> Ending {
    var state = state
    (state.from, state.to) = (nil, version.text)
    try enter(.starting, "deploying \(version)", &state)
    return try await told(version) { () async throws(Failure) in try await stand(version, .started, state) }
  }

  /// Deploys the version that runs again. One that does not serve is stopped first: swarm leaves alone what has not changed.
  func repair(_ version: RecipeVersion, isHealthy: Bool, _ state: ReconcileState) async throws(Failure) -> Ending {
    var state = state
    (state.from, state.to) = (version.text, version.text)
    try enter(.repairing, "deploying \(version) again", &state)
    return try await told(version) { () async throws(Failure) in
      if !isHealthy { try await installation.undeploy() }
      return try await stand(version, .repaired, state)
    }
  }

  /// Nobody looks at the exit code of a nightly pass: that the app may be down is told, whatever stopped us.
  private func told(_ version: RecipeVersion, _ body: () async throws(Failure) -> Ending) async throws(Failure) -> Ending {
    do throws(Failure) { return try await body() } catch {
      if Task.isCancelled { throw .cancelled }
      try Self.raise(app, .unhealthy, "\(version) could not be deployed: \(error.sentence)", from: version)
      throw error
    }
  }

  private func stand(_ version: RecipeVersion, _ result: ReconcileState.Result, _ state: ReconcileState) async throws(Failure) -> Ending {
    let finding = try await install(version)
    guard finding.outcome == .pass else {
      try Self.raise(app, .unhealthy, finding.because, from: version)
      return try end(.unhealthy, "\(version): not healthy: \(finding.because)", running: version, state)
    }
    try app.folder.write(lastGood: version)
    return try end(result, "\(version): \(result.rawValue) and healthy", running: version, state)
  }

  /// 5. A stateful app is undeployed and saved; then the new version.
  func apply(from: RecipeVersion, to: RecipeVersion, _ state: ReconcileState) async throws(Failure) -> Ending {
    var state = state
    (state.from, state.to, state.snapshot) = (from.text, to.text, nil)
    let commit = try published.release(from).commit
    _ = try published.release(to)
    try enter(.saving, app.app.isStateful ? "undeploying \(from), and saving its data" : "leaving \(from)", &state)
    guard app.app.isStateful else { return try await prove(from: from, to: to, state) }
    do throws(Failure) {
      try await installation.undeploy()
      let subject = SnapshotStore.Subject(recipe: app.app.recipe, version: from.text, commit: commit)
      state.snapshot = try await app.store.create(subject, verifies: false).id
    } catch {
      if Task.isCancelled { throw .cancelled }
      // The new version has seen nothing: the old one comes back as it was. It is nobody's rejection.
      state.says = "the upgrade to \(to) could not begin: \(error.sentence)"
      _ = try await recover(from: from, to: to, state)
      throw error
    }
    return try await prove(from: from, to: to, state)
  }

  /// Deploys the new version and holds it to its soak time.
  private func prove(from: RecipeVersion, to: RecipeVersion, _ state: ReconcileState) async throws(Failure) -> Ending {
    var state = state
    try enter(.proving, "deploying \(to)", &state)
    let finding: Finding
    do throws(Failure) { finding = try await install(to) } catch {
      if Task.isCancelled { throw .cancelled }
      return try await rollBack(from: from, to: to, because: error.sentence, state)
    }
    guard finding.outcome == .pass else {
      for line in finding.log { app.console.progress("       | \(line)") }
      let isItsFault = finding.outcome == .fail
      return try await rollBack(from: from, to: to, because: finding.because, isItsFault ? state.rejecting(to.text) : state)
    }
    try app.folder.write(lastGood: to)
    return try end(.applied, "\(from) -> \(to), healthy for \(DurationText.format(app.app.soak))", running: to, state)
  }

  /// 6. Anything but healthy.
  private func rollBack(
    from: RecipeVersion, to: RecipeVersion, because: String, _ state: ReconcileState
  ) async throws(Failure) -> Ending {
    var state = state
    state.says = because
    app.console.progress("\(to) is not healthy: \(because)")
    return try await restore(from: from, to: to, state)
  }

  private func restore(from: RecipeVersion, to: RecipeVersion, _ state: ReconcileState) async throws(Failure) -> Ending {
    var state = state
    try enter(.restoring, "going back to \(from)\(state.snapshot == nil ? "" : ", with its data")", &state)
    do throws(Failure) {
      try await installation.undeploy()
      if let snapshot = state.snapshot { try await putBack(snapshot) }
    } catch {
      if Task.isCancelled { throw .cancelled }
      if error.code == .no { try Self.raise(app, .secretsLost, error.sentence, from: from, to: to) }
      return try failed(from: from, to: to, error.sentence, state)
    }
    return try await recover(from: from, to: to, state)
  }

  private func putBack(_ snapshot: String) async throws(Failure) {
    let found = try app.store.current().id
    guard found == snapshot else {
      throw app.failure(
        .badData, "the snapshot is not the one of this upgrade", why: "it is \(found), not \(snapshot)",
        next: "bring the app up by hand, then remove \(app.folder.reconcileState)")
    }
    let restored = try await app.store.restore(verifies: false, replacesEnv: true)
    app.console.progress("  \(restored.files) files, \(ByteText.of(restored.bytes)) put back")
  }

  /// Deploys last-good on its own data, and checks that it is healthy.
  private func recover(from: RecipeVersion, to: RecipeVersion, _ state: ReconcileState) async throws(Failure) -> Ending {
    var state = state
    let because = state.says ?? "the pass was interrupted"
    try enter(.recovering, "deploying \(from) again", &state)
    let finding: Finding
    do throws(Failure) { finding = try await install(from) } catch {
      if Task.isCancelled { throw .cancelled }
      return try failed(from: from, to: to, error.sentence, state)
    }
    guard finding.outcome == .pass else { return try failed(from: from, to: to, finding.because, state) }
    try app.folder.write(lastGood: from)
    let again = state.rejected.contains(to.text) ? "" : "; it is tried again"
    try Self.raise(
      app, .rollback, "\(to) was rolled back: \(because)\(again)", from: from, to: to,
      details: ["attempted": to.text, "last_good": from.text, "recovered": "true"])
    return try end(.rolledBack, "back on \(from), healthy: \(because)", running: from, state)
  }

  /// The state stays where it is: the next pass tries again.
  private func failed(from: RecipeVersion, to: RecipeVersion, _ why: String, _ state: ReconcileState) throws(Failure) -> Ending {
    try Self.raise(
      app, .rollbackFailed, "\(to) was rolled back, and \(from) does not come up: \(why)", from: from, to: to,
      details: ["attempted": to.text, "last_good": from.text, "recovered": "false", "cause": state.says ?? ""])
    var state = state
    (state.last, state.ts) = (.rollbackFailed, app.host.now())
    try app.folder.write(state)
    return Ending(result: .rollbackFailed, says: "the roll-back from \(to) to \(from) failed: \(why)")
  }

  private func install(_ version: RecipeVersion) async throws(Failure) -> Finding {
    let before = try await app.engine.view(stack: app.domain.stack)
    let deployed = try await installation.deploy(version)
    let finding = deployed.outcome == .pass ? try await installation.watch(version, before: before, soak: app.app.soak) : deployed
    // What a signal broke off says nothing about the version.
    if Task.isCancelled { throw .cancelled }
    return finding
  }

  private func enter(_ step: ReconcileState.Step, _ words: String, _ state: inout ReconcileState) throws(Failure) {
    state = state.entering(step, at: app.host.now())
    try app.folder.write(state)
    app.console.progress(words)
  }

  private func end(
    _ result: ReconcileState.Result, _ says: String, running: RecipeVersion, _ state: ReconcileState
  ) throws(Failure) -> Ending {
    try app.folder.write(state.ended(result, says, at: app.host.now()))
    return Ending(result: result, running: running, says: says)
  }

  static func raise(
    _ app: SharedApp, _ reason: Alert.Reason, _ says: String, from: RecipeVersion? = nil, to: RecipeVersion? = nil,
    details: [String: String] = [:]
  ) throws(Failure) {
    try Alerts(shelf: app.settings.host.shelf).raise(
      Alert(
        app: app.app.name, reason: reason, says: app.console.mask.masked(says), fromVersion: from?.text, toVersion: to?.text,
        ts: app.host.now(), details: details))
  }
}

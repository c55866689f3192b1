import FoundationEssentials

/// One pass over a shared app, from any state. Whoever calls holds the locks.
struct Reconciler: Sendable {
  let app: SharedApp

  /// How a pass ended.
  struct Ending: Sendable {
    var result: ReconcileState.Result
    var decision: UpgradeGate.Decision?
    var running: RecipeVersion?
    var newest: RecipeVersion?
    /// One sentence.
    var says: String

    var code: ExitCode { result == .unhealthy || result == .rollbackFailed ? .no : .ok }
  }

  /// Finishes or rolls back what an earlier pass left, then decides and acts.
  func pass() async throws(Failure) -> Ending {
    let state = try app.folder.readReconcileState() ?? ReconcileState(app: app.app.name, ts: app.host.now())
    let next = try state.next()
    if next != .decide, app.app.update == .observe { return try left(state) }
    try await preconditions(all: next == .decide)
    let published = try await Published.fetch(app, isUrgent: next != .decide)
    let upgrade = Upgrade(app: app, published: published)
    guard next != .decide else { return try await decide(state, upgrade) }
    app.console.progress("an earlier pass ended at the step \(state.step.rawValue): going on from there")
    let finished = try await upgrade.resume(state, next)
    guard finished.code == .ok, finished.result != .rolledBack else { return finished }
    let ended = try await decide(try app.folder.readReconcileState() ?? state, upgrade)
    return ended.result == .current ? finished : ended
  }

  /// What a pass would do, with nothing touched but the private checkout.
  func check() async throws(Failure) -> Ending {
    let state = try app.folder.readReconcileState() ?? ReconcileState(app: app.app.name, ts: app.host.now())
    let published = try await Published.fetch(app)
    let newest = published.newest?.version
    if try state.next() != .decide {
      let says =
        "unfinished at the step \(state.step.rawValue), from \(state.from ?? "nothing") to \(state.to ?? "nothing"): goes on from there"
      return Ending(result: .current, newest: newest, says: says)
    }
    guard let running = try await Standing(app: app).running() else {
      let says =
        switch try await beginning(newest: newest) {
        case .version(let version): "not deployed: would deploy \(version)"
        case .nothing: "not deployed: would deploy nothing: no release"
        case .doubt(let says): says
        }
      return Ending(result: .current, newest: newest, says: says)
    }
    let decision = try await UpgradeGate.decide(facts(running, published, state, patience: .zero).facts)
    return Ending(result: .current, decision: decision, running: running, newest: newest, says: "\(decision.word): \(decision.because)")
  }

  private func decide(_ state: ReconcileState, _ upgrade: Upgrade) async throws(Failure) -> Ending {
    if try app.folder.readRestoreMark() != nil {
      throw app.failure(
        .tryAgain, "a restore was interrupted", why: "the volumes hold only a part of the data",
        next: "finish it first: ccci-snap restore \(app.folder.name)")
    }
    let newest = upgrade.published.newest?.version
    guard let running = try await Standing(app: app).running() else { return try await begin(state, upgrade) }
    let (facts, isHealthy) = try await facts(running, upgrade.published, state, patience: app.patience().deploy)
    let decision = UpgradeGate.decide(facts)
    app.console.progress("\(decision.word): \(decision.because)")
    if case .hold(let hold, let version, _) = decision { try tell(hold, of: version, facts) }
    var ending = try await act(decision, running: running, isHealthy: isHealthy, state, upgrade)
    (ending.decision, ending.newest) = (decision, newest)
    return ending
  }

  private func act(
    _ decision: UpgradeGate.Decision, running: RecipeVersion, isHealthy: Bool, _ state: ReconcileState, _ upgrade: Upgrade
  ) async throws(Failure) -> Ending {
    let repairs =
      switch decision {
      case .repair(let reasons), .hold(_, _, let reasons): reasons
      case .current, .apply: [String]()
      }
    guard app.app.update != .observe else { return try observed(decision, running: running, isHealthy: isHealthy) }
    if case .apply(let version) = decision {
      // Before anything is undeployed: if the roll-back fails, too, this is the version that a person must know.
      if isHealthy { try app.folder.write(lastGood: running) }
      try await checkSpace(running, version)
      return try await upgrade.apply(from: running, to: version, state)
    }
    if !repairs.isEmpty { return try await upgrade.repair(running, isHealthy: isHealthy, state) }
    try app.folder.write(lastGood: running)
    let result: ReconcileState.Result = decision == .current ? .current : .held
    try app.folder.write(state.ended(result, decision.because, at: app.host.now()))
    return Ending(result: result, running: running, says: "\(running): \(decision.because)")
  }

  private func checkSpace(_ running: RecipeVersion, _ version: RecipeVersion) async throws(Failure) {
    guard app.app.isStateful else { return }
    do throws(Failure) {
      let preflight = Preflight(host: app.host, engine: app.engine)
      for warning in try preflight.checkDisk([app.settings.host.shelf], app.settings.disk) { app.console.progress("  \(warning)") }
      try await app.store.checkAhead()
    } catch {
      if error == .cancelled { throw error }
      try Upgrade.raise(
        app, .postponed, "stays on \(running), since its data cannot be saved before the upgrade: \(error.sentence)", from: running,
        to: version)
      throw error
    }
  }

  /// Not deployed.
  private func begin(_ state: ReconcileState, _ upgrade: Upgrade) async throws(Failure) -> Ending {
    guard app.app.update != .observe else {
      try Upgrade.raise(app, .unhealthy, "not deployed")
      return Ending(result: .unhealthy, says: "not deployed, and update is observe")
    }
    switch try await beginning(newest: upgrade.published.newest?.version) {
    case .version(let version): return try await upgrade.start(version, state)
    case .nothing: throw app.failure(.noInput, "no published version", why: app.upstream, next: "publish one, with an annotated tag")
    case .doubt(let says):
      try Upgrade.raise(app, .unhealthy, says)
      return Ending(result: .unhealthy, says: says)
    }
  }

  private enum Beginning {
    case version(RecipeVersion)
    case nothing
    /// One sentence, with what to do.
    case doubt(String)
  }

  /// The version that was last healthy, else the newest. Data is never given to a version that may not be the one that wrote it.
  private func beginning(newest: RecipeVersion?) async throws(Failure) -> Beginning {
    let good = try app.folder.readLastGood()
    guard app.app.isStateful, try await !app.engine.volumes(stack: app.domain.stack).isEmpty else {
      return (good ?? newest).map { .version($0) } ?? .nothing
    }
    let typed = Standing(app: app).typed()
    if let version = good ?? typed.flatMap({ RecipeVersion($0) }), version.text == typed ?? version.text { return .version(version) }
    let facts = [typed.map { "its .env names \($0)" }, good.map { "\($0) was last healthy" }].compactMap { $0 }.joined(separator: ", ")
    return .doubt(
      "not deployed, and nobody can say which version wrote its data (\(facts.isEmpty ? "neither .env nor last_good names one" : facts)): "
        + "deploy it by hand, abra app deploy \(app.domain) <version>")
  }

  /// An unfinished pass, which this one may not finish.
  private func left(_ state: ReconcileState) throws(Failure) -> Ending {
    let says = "an earlier pass ended at the step \(state.step.rawValue), and update is observe"
    try Upgrade.raise(app, .unhealthy, says, from: state.from.flatMap { RecipeVersion($0) })
    return Ending(result: .unhealthy, says: says)
  }

  private func observed(_ decision: UpgradeGate.Decision, running: RecipeVersion, isHealthy: Bool) throws(Failure) -> Ending {
    if !isHealthy { try Upgrade.raise(app, .unhealthy, decision.because, from: running) }
    return Ending(result: isHealthy ? .current : .unhealthy, running: running, says: "\(running): \(decision.word): \(decision.because)")
  }

  private func facts(
    _ running: RecipeVersion, _ published: Published, _ state: ReconcileState, patience: Duration
  ) async throws(Failure) -> (facts: UpgradeGate.Facts, isHealthy: Bool) {
    let notes = try await published.notes(after: running)
    try await published.checkOut(published.release(running))
    let drift = try await Standing(app: app).drift(patience: patience)
    return (
      UpgradeGate.Facts(
        running: running, newest: published.newest?.version, notes: notes, rejected: state.rejected, drift: drift, update: app.app.update),
      !drift.contains { $0.hasPrefix(Drift.unhealthy) }
    )
  }

  /// A hold is told once for each version, whether or not somebody has seen it meanwhile.
  private func tell(_ hold: UpgradeGate.Hold, of version: RecipeVersion, _ facts: UpgradeGate.Facts) throws(Failure) {
    let reason: Alert.Reason
    switch hold {
    case .major: reason = .heldMajor
    case .manualMigration: reason = .heldManualMigration
    case .rejected, .asked: return
    }
    let notes = facts.notes.map { "\($0.version):\n\($0.text)" }.joined(separator: "\n\n")
    let alert = Alert(
      app: app.app.name, reason: reason, says: "stays on \(facts.running): \(UpgradeGate.Decision.hold(hold, version, repair: []).because)",
      fromVersion: facts.running.text, toVersion: version.text, releaseNotes: notes.isEmpty ? nil : notes, ts: app.host.now())
    let alerts = Alerts(shelf: app.settings.host.shelf)
    for seen in try alerts.acknowledged() where alert.repeats(seen.alert) { return }
    try alerts.raise(alert)
  }

  /// The files of secrets.
  ///
  /// - Parameter all: also of those that are inserted already. What is unfinished must not wait for them.
  private func preconditions(all: Bool) async throws(Failure) {
    let present = try await app.engine.secrets(named: "\(app.domain.stack)_").map(\.name)
    for secret in app.app.secrets where all || !present.contains(app.remote(secret)) {
      guard let bytes = try Files.readIfPresent(secret.file), !bytes.isEmpty else {
        throw app.failure(
          .config, "secret \(secret.name): \(secret.file) is missing or empty", why: "it is inserted from there as \(secret.version)",
          next: "provide the file, or correct [reconcile.\(app.app.name)] secrets")
      }
      app.console.mask.add(String(decoding: bytes, as: UTF8.self))
    }
  }
}

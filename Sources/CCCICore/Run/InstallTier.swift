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

  /// On volumes that are there already: the known-good of a quick run.
  func boot(_ candidate: Candidate) async throws(Failure) -> Ending {
    let result = try await install(candidate, with: Deployment(stage: stage, checkout: subject.checkout, kind: .again))
    let words = candidate.release?.version.text
    stage.ledger.note { $0.baseVersion = words }
    finish(result)
    return result.outcome == .pass ? .installed : .failed
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

  private func install(_ candidate: Candidate, with other: Deployment? = nil) async throws(Failure) -> TierResult {
    try stage.enter("install", "install: \(candidate.words)")
    var sheet = TierSheet(.install, stage)
    let deployment = other ?? self.deployment
    let since = stage.host.now()
    guard try await sheet.check(.installDeployed, { () async throws(Failure) in try await deployment.deploy(candidate) }) else {
      return sheet.result
    }
    let converged = try await sheet.check(.installConverged) { () async throws(Failure) in
      try await deployment.settled(since: since)
    }
    guard converged else { return sheet.result }
    guard try await sheet.check(.installServing, { () async throws(Failure) in try await deployment.serving(since: since) })
    else {
      return sheet.result
    }
    _ = try await sheet.check(.installVersion) { () async throws(Failure) in try await version(candidate) }
    try OpState(stage: stage).note(.install, ["version": candidate.words, "commit": candidate.commit.text])
    let overlays = try await Overlays(stage: stage, tier: .install).run()
    sheet.add(overlays)
    return sheet.result
  }

  private var deployment: Deployment {
    Deployment(stage: stage, checkout: subject.checkout, kind: .new(hooks: ["install_steps", "pre_install"])) {
      candidate async throws(Failure) in
      guard candidate.commit != subject.head else { return nil }
      let gate = PolicyGate(stage: stage, checkout: subject.checkout)
      guard let refused = try await gate.finding(base: candidate.commit) else { return nil }
      // The base is part of the question. The release before it is only tried in its place.
      if candidate.commit == subject.base.commit, refused.reason == .policy { throw gate.end(refused, "the base \(candidate.words)") }
      return refused
    }
  }

  private func version(_ candidate: Candidate) async throws(Failure) -> Finding {
    guard let service = try await stage.engine.service("\(stage.domain.stack)_app") else {
      return .error(.harness, "the service app is gone")
    }
    let prefix = "coop-cloud.\(stage.domain.stack)"
    if let wanted = deployment.pinned(candidate) {
      let found = service.labels["\(prefix).version"] ?? "none"
      return found == wanted.text ? .pass : .fail(.assertion, "the version label is \(found), not \(wanted)")
    }
    let found = service.labels["\(prefix).chaos-version"] ?? "none"
    let wanted = EnvironmentOverlay.chaosLabel(candidate.commit, stage)
    return found == wanted ? .pass : .fail(.assertion, "the chaos-version label is \(found), not \(wanted)")
  }
}

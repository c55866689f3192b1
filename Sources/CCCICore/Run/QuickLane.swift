import FoundationEssentials

/// What is different in a quick run: it begins with the known-good data of the canonical, and puts it back at its end.
struct QuickLane: Sendable {
  let stage: Stage

  private var app: WarmApp { stage.warm }

  /// Rebuilds the working copy unless it is idle, and marks it as no longer known.
  func warm() async throws(Failure) {
    try stage.enter("warm", "warm data of \(app.domain)")
    // Before anything of it is touched: whoever cleans up after a killed run must know what it works on.
    let domain = app.domain.text
    try stage.ledger.record(at: stage.host.now()) { $0.canonical = domain }
    let meta = try app.store.current()
    if try await !app.isReady() {
      let report = await app.rest(graceful: false)
      guard report.isClean else {
        throw Failure(
          .tryAgain, "\(domain): cannot be undeployed", why: report.leftovers.joined(separator: ", "), next: "remove it by hand")
      }
      stage.console.progress("  rebuilding the volumes from the known-good \(meta.version)")
      try await stage.ledger.timed("rebuild") { () async throws(Failure) in try await app.rebuild() }
    }
    try app.folder.mark(.dirty, run: stage.directory.id, at: stage.host.now())
  }

  /// Deploys the known-good version on its own data: no first-time initialisation.
  func boot(_ subject: Subject) async throws(Failure) -> InstallTier.Ending {
    let meta = try app.store.current()
    guard let version = RecipeVersion(meta.version), let commit = meta.commit.flatMap({ CommitID($0) }),
      let release = subject.checkout.releases.first(where: { $0.version == version })
    else {
      throw Failure(
        .noInput, "\(stage.recipe): the known-good \(meta.version) is not published any more",
        next: "run cold, and promote what is published now")
    }
    guard release.commit == commit else {
      throw Failure(
        .noInput, "\(stage.recipe): the tag \(meta.version) has moved",
        why: "the known-good was made of \(commit.short), it stands on \(release.commit.short)",
        next: "run cold, and promote what is published now")
    }
    return try await InstallTier(stage: stage, subject: subject).boot(
      Candidate(commit: commit, release: release, words: "known-good \(version)"))
  }

  /// Pass or fail, the volumes now carry the data of what was tested: they are made anew of the known-good. What cannot be done here, the next
  /// quick run does.
  func rest() async -> Teardown.Report {
    var report = await app.rest(graceful: false)
    guard report.isClean else { return report }
    do throws(Failure) {
      guard try app.folder.readCanonical()?.status != .void else { return report }
      try await stage.ledger.timed("rebuild") { () async throws(Failure) in try await app.rebuild() }
      try app.folder.mark(.idle, run: stage.directory.id, at: stage.host.now())
    } catch {
      report.complaints.append("the canonical stays dirty: \(error.sentence)")
    }
    return report
  }
}

/// Makes sure that nothing stands where the app will be: what an earlier run of ours left is removed, anybody else's is not touched.
struct ClearGround: Sendable {
  let stage: Stage

  func clear() async throws(Failure) {
    let found = try await Leftovers.list(of: stage.domain, env: stage.app.path, engine: stage.engine)
    guard !found.isEmpty else { return }
    guard try isOurs() else {
      throw Failure(
        .config, "\(stage.domain): something that is not ours stands there", why: found.names.prefix(4).joined(separator: ", "),
        next: "look at it, and remove it by hand if it is nobody's: abra app undeploy \(stage.domain)")
    }
    try stage.enter("clearing", "removing what an earlier run of this commit left")
    // There is no checkout yet that abra could work in.
    let report = await Teardown(host: stage.host, engine: stage.engine, abra: nil, env: stage.app.path, domain: stage.domain).remove()
    guard report.isClean else {
      throw Failure(
        .tryAgain, "\(stage.domain): what an earlier run left cannot be removed", why: report.leftovers.joined(separator: ", "),
        next: "remove it by hand, then run it again")
    }
    stage.ledger.warn("removed what an earlier run left at \(stage.domain): \(found.names.joined(separator: ", "))")
  }

  /// By the owner mark in the app's `.env`, or by a run record that lists the app: a name alone only nominates.
  private func isOurs() throws(Failure) -> Bool {
    if try Files.status(stage.app.path) != nil, let mark = try stage.app.values()["CCCI_OWNER"] {
      return mark.split(separator: "/").first == stage.owner.split(separator: "/").first
    }
    let records = RunRecords(runs: stage.settings.host.runs)
    return try records.open().contains { $0.runID != stage.directory.id && $0.apps.contains(stage.domain.text) }
  }
}

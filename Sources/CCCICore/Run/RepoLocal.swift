import FoundationEssentials

/// The recipe's own `tests/`, at the tested commit: listed always, run only when the recipe is approved, and then in a cage.
struct RepoLocal: Sendable {
  let stage: Stage

  /// Right after the checkout: what there is, and whether it will run, into the record and the log.
  func note() throws(Failure) {
    guard try Files.status(stage.directory.repoLocal)?.kind == .directory else { return }
    let plan: OverlayPlan
    do throws(Failure) {
      let entries = try OverlayFolder.entries(in: stage.directory.repoLocal)
      plan = try OverlayPlan.resolve(entries, of: stage.recipe, extra: stage.request.extra)
    } catch {
      // The author's mistake is no reason to judge nothing.
      stage.ledger.warn("the recipe's own tests/ are not run: \(error.sentence)")
      return
    }
    guard !plan.isEmpty else { return }
    let files = plan.names.sorted { $0.key < $1.key }.flatMap(\.value)
    stage.ledger.note { $0.repoLocal = plan }
    guard stage.plan.isRepoLocalApproved else {
      let words =
        "the recipe's own tests/ are not run: \(stage.recipe) is not in \(RepoLocalApproval.fileName): \((files + plan.hooks).joined(separator: ", "))"
      stage.console.progress("  \(words)")
      return
    }
    stage.console.progress("  repo-local, in a cage: \((files + plan.hooks).joined(separator: ", "))")
    let deaf = plan.hooks.filter { $0 == ComposeOverlay.fileName || $0.hasPrefix("backup_verify") }
    if !deaf.isEmpty {
      stage.ledger.warn("repo-local \(deaf.joined(separator: ", ")): of no effect: it belongs into cc-ci's tests/\(stage.recipe)/")
    }
  }

  /// The place of the approved tests; nil when there are none.
  func place() throws(Failure) -> OverlayPlace? {
    guard stage.plan.isRepoLocalApproved, let plan = stage.ledger.now.repoLocal, !plan.tests.isEmpty else { return nil }
    return try place(plan)
  }

  /// The place of the approved hooks, and what they are; nil when there are none.
  func hooks() throws(Failure) -> (OverlayPlace, OverlayPlan)? {
    guard stage.plan.isRepoLocalApproved, let plan = stage.ledger.now.repoLocal, !plan.hooks.isEmpty else { return nil }
    return (try place(plan), plan)
  }

  private func place(_ plan: OverlayPlan) throws(Failure) -> OverlayPlace {
    let engine = stage.settings.host.engine
    let hidden = [engine, stage.settings.host.shelf, stage.settings.host.runs, stage.settings.host.abraDirectory]
    let cage = try Cage.make(
      at: "\(stage.directory.work)/cage", tests: stage.directory.repoLocal, library: stage.directory.tests, hidden: hidden)
    let stage = stage
    return OverlayPlace(
      origin: .repoLocal, tests: plan.tests, folder: Cage.tests, root: Cage.tests, plugins: ["ccci_test.report", "ccci_fixtures"],
      reports: (Cage.work, "\(cage.path)/work")
    ) { tier, name, program, arguments, more async throws(Failure) in
      let variables = try RepoLocal(stage: stage).variables(tier, cage).merging(more) { $1 }
      return try await stage.programs.call(
        name, "unshare", cage.arguments(program, arguments, environment: variables), in: "/", sweep: true,
        limit: stage.settings.run.overlayLimit)
    }
  }

  /// The whole environment: no path of ours, no credential.
  private func variables(_ tier: Tier, _ cage: Cage) throws(Failure) -> [String: String] {
    var variables = [
      "PATH": "/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin", "HOME": Cage.work, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
      "TMPDIR": Cage.work,
      "CCCI_RECIPE": stage.recipe.text, "CCCI_APP_DOMAIN": stage.domain.text, "CCCI_APP_URL": stage.url, "CCCI_OP": tier.rawValue,
      "CCCI_OP_STATE_FILE": try cage.put(try Files.read(stage.directory.opState), "op-state.json"),
      "CCCI_META_FILE": try cage.put(try Files.read(stage.directory.meta), "meta.json"),
      "CCCI_DEPS_FILE": try cage.put(Array("{}\n".utf8), "deps.json"), "CCCI_APP_ENV": try cage.put([], "app.env"),
      "PYTHONPATH": Cage.library, "PYTHONDONTWRITEBYTECODE": "1",
      "CCCI_EXTRA_TESTS": stage.request.extra ? "1" : "0",
    ]
    if let authorities = stage.settings.host.authorities {
      let inside = try cage.put(try Files.read(authorities), "ca.pem")
      for name in ["CCCI_CA_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] { variables[name] = inside }
    }
    return variables
  }
}

/// The realm of a canonical. It stands on the host's Keycloak only while a run or a promotion works with it, and each time with the credentials that the
/// canonical's data and secrets were made with.
struct WarmRealm: Sendable {
  let stage: Stage

  private var folder: ShelfFolder { stage.warm.folder }
  private var name: String { RunRealm.name(ofCanonical: stage.domain) }

  /// A quick run's are those of the known-good. A promotion's are those that are there, whatever became of the promotion that made them: the app's secrets
  /// outlive it, too; else new ones, kept before anything is made with them.
  func credentials(on keycloak: Keycloak) throws(Failure) -> RealmCredentials {
    let kept = try folder.readRealm()
    let issuer = keycloak.issuer(of: name)
    if stage.plan.mode == .promote {
      if let kept { return kept }
      let fresh = RealmCredentials.fresh(realm: name)
      try folder.write(fresh)
      return fresh
    }
    guard let kept, kept.issuer == issuer else {
      throw Failure(
        .noInput, "\(stage.recipe): the known-good was not made with \(issuer)",
        why: kept.map { "it was made with \($0.issuer ?? "nothing yet")" } ?? "\(folder.realm) is not there",
        next: "run cold, and promote that: ccci-run \(stage.recipe)")
    }
    return kept
  }

  /// After a promotion: from now on the known-good names this issuer.
  func commit() throws(Failure) {
    let issuer = stage.ledger.now.dependencies[DependencyPlan.shared]?.issuer
    guard var kept = try folder.readRealm(), kept.issuer != issuer else { return }
    kept.issuer = issuer
    try folder.write(kept)
  }
}

/// The recipe's releases as they are published now, in a checkout of its own.
struct Published: Sendable {
  let app: SharedApp
  /// Annotated tags only, in order: abra deploys no others pinned.
  let releases: [UpgradeBase.Release]

  var newest: UpgradeBase.Release? { releases.last }

  /// Clones the recipe into the private `ABRA_DIR`. Where upstream does not answer, the clone of the last pass serves.
  ///
  /// - Parameter isUrgent: whatever is wrong upstream, that clone will do: a roll-back must not wait for it.
  static func fetch(_ app: SharedApp, isUrgent: Bool = false) async throws(Failure) -> Published {
    let fresh = AbraHome(path: "\(app.home.path).new")
    try Files.removeTree(fresh.path)
    try fresh.create(from: app.settings.host.abraDirectory, server: app.settings.host.server)
    do throws(Failure) {
      let source = Checkout.Source(src: app.upstream, upstream: app.upstream)
      _ = try await Checkout.make(of: app.app.recipe, from: source, at: .latest, in: fresh, git: app.git)
      try Files.removeTree(app.home.path)
      try Files.move(fresh.path, to: app.home.path)
    } catch  where error.code == .unavailable || (isUrgent && error != .cancelled) {
      try Files.removeTree(fresh.path)
      guard try Files.status(app.checkout) != nil else { throw error }
      app.console.progress("  \(error.sentence): using what the last pass fetched")
    }
    let all = try await app.git.releases(app.checkout, in: "refs/ccci/published/").sorted { $0.version < $1.version }
    for release in all where !release.isAnnotated {
      app.console.progress("  \(release.version): not annotated, so that abra refuses it: passed over")
    }
    return Published(app: app, releases: all.filter(\.isAnnotated))
  }

  func release(_ version: RecipeVersion) throws(Failure) -> UpgradeBase.Release {
    if let found = releases.first(where: { $0.version == version }) { return found }
    throw app.failure(
      .noInput, "\(version) is not published", why: "\(app.upstream) has no annotated tag of that name",
      next: "publish it, or bring the app by hand to a version that is")
  }

  func checkOut(_ release: UpgradeBase.Release) async throws(Failure) {
    try await app.git.checkOut(app.checkout, release.commit)
    try RecipeTree.check(app.checkout, of: app.app.recipe)
    try RecipeTree.checkTexts(app.checkout, of: app.app.recipe)
  }

  /// The notes of every version after `running`, in order: those that the newest release carries, else those of the version itself.
  func notes(after running: RecipeVersion) async throws(Failure) -> [UpgradeGate.Note] {
    var notes: [UpgradeGate.Note] = []
    guard let newest else { return [] }
    for release in releases where running < release.version {
      try await checkOut(newest)
      var text = try text(of: release.version)
      if text.isEmpty {
        try await checkOut(release)
        text = try self.text(of: release.version)
      }
      if !text.isEmpty { notes.append(UpgradeGate.Note(version: release.version, text: text)) }
    }
    return notes
  }

  private func text(of version: RecipeVersion) throws(Failure) -> String {
    var texts: [String] = []
    for path in ["release/\(version)", "release/\(version).md", "releaseNotes/\(version).md", "releaseNotes/\(version)"] {
      guard !version.text.contains("/"), let bytes = try Files.readIfPresent("\(app.checkout)/\(path)") else { continue }
      texts.append(String(decoding: bytes.prefix(100_000), as: UTF8.self))
    }
    return texts.joined(separator: "\n\n")
  }
}

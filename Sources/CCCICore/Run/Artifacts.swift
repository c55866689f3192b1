/// Looks for secrets in everything that a run has stored.
struct Artifacts: Sendable {
  let stage: Stage

  /// What of the record holds no text of ours: checkouts, copies of tests; and the credentials, which are removed with them.
  private static let passedOver = ["abra", "lint", "tests", "repo-local", "work", "deps.json"]

  /// Whether an artifact still holds a secret. A file that cannot be read is said and counts as one that does: silence is no proof.
  func reveal() -> Bool {
    do throws(Failure) {
      return try reveals(stage.directory.path, isRoot: true)
    } catch {
      stage.ledger.warn("the artifacts could not be scanned for secrets: \(error.sentence)")
      return true
    }
  }

  private func reveals(_ folder: String, isRoot: Bool) throws(Failure) -> Bool {
    for name in try Files.list(folder) where !isRoot || !Self.passedOver.contains(name) {
      let path = "\(folder)/\(name)"
      guard let status = try Files.status(path) else { continue }
      if status.kind == .directory, try reveals(path, isRoot: false) { return true }
      guard status.kind == .file else { continue }
      if stage.console.mask.reveals(String(decoding: try Files.read(path), as: UTF8.self)) { return true }
    }
    return false
  }
}

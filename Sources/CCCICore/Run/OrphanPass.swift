/// The janitor's pass at the start of each run: the host is as small as the dead runs before left it full.
struct OrphanPass: Sendable {
  let stage: Stage

  /// Never fails the run: what cannot be removed here is a warning, and is in nobody's way but the next janitor's.
  func pass() async throws(Failure) {
    try stage.enter("janitor", "looking for what dead runs left")
    do throws(Failure) {
      // This run's own app is not among them: its lock is held.
      for finding in try await OrphanSweep(stage.settings, host: stage.host).pass(isDry: false) { take(finding) }
    } catch {
      if error == .cancelled { throw error }
      stage.ledger.warn("janitor: \(error.sentence)")
    }
  }

  private func take(_ finding: SweepFinding) {
    let of = finding.run.map { " of run \($0)" } ?? ""
    switch finding.decision {
    case "reaped":
      stage.console.progress("  reaped \(finding.name)\(of)")
    case "left behind":
      stage.ledger.warn("\(finding.name)\(of): an orphan that cannot be removed: \(finding.leftovers.joined(separator: ", "))")
    default: break
    }
  }
}

import FoundationEssentials

/// What of a pass a person must know.
struct SweepAlerts: Sendable {
  let alerts: Alerts
  let now: Date

  /// One for each orphan that cannot be removed, one for a disk on which the janitor has nothing left to remove.
  static func of(_ findings: [SweepFinding], at now: Date) -> [Alert] {
    findings.compactMap { finding in
      switch finding.decision {
      case "left behind":
        Alert(
          app: finding.name, reason: .leftover,
          says: "what a dead run left cannot be removed: \(finding.leftovers.joined(separator: ", "))", ts: now,
          details: finding.run.map { ["run": $0] } ?? [:])
      case "promotion failed":
        Alert(
          app: finding.name, reason: .promoteFailed, says: "\(finding.because); the old known-good stands", ts: now,
          details: finding.run.map { ["run": $0] } ?? [:])
      case "noticed":
        Alert(
          app: finding.name, reason: .retirement, says: "\(finding.because); to keep it, set warm_canonical in its recipe.toml", ts: now)
      case "refused":
        Alert(app: finding.name, reason: .retirement, says: "nothing is removed: \(finding.because)", ts: now)
      case "full":
        Alert(app: "host", reason: .disk, says: "\(finding.name): \(finding.because)", ts: now, details: ["folder": finding.name])
      default: nil
      }
    }
  }

  /// Raises them. One that cannot be raised is said, and keeps no other from it.
  func raise(_ findings: [SweepFinding], says: (String) -> Void) {
    for alert in Self.of(findings, at: now) {
      do throws(Failure) { if let id = try alerts.raise(alert) { says("alert \(id): \(alert.says)") } } catch {
        says("an alert cannot be raised: \(error.sentence): \(alert.says)")
      }
    }
  }
}

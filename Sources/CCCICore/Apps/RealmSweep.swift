import FoundationEssentials

/// Realms that dead runs left on the host's own Keycloak. Judged as apps are: proven by their marks, acquitted by a held lock.
public struct RealmSweep: Sendable {
  public let host: Host
  public let keycloak: Keycloak
  public let locks: String
  public let runs: String
  public let rules: Orphans.Rules

  public init(host: Host, keycloak: Keycloak, locks: String, runs: String, rules: Orphans.Rules) {
    self.host = host
    self.keycloak = keycloak
    self.locks = locks
    self.runs = runs
    self.rules = rules
  }

  /// Realms without a mark, `master` among them, are other people's and not even named. A provider that does not answer is a finding: its
  /// realms wait for the next pass.
  public func pass(isDry: Bool) async throws(Failure) -> [SweepFinding] {
    let realms: [Keycloak.Realm]
    do throws(Failure) { realms = try await keycloak.realms() } catch {
      if error == .cancelled { throw error }
      return [SweepFinding(.realm, keycloak.url, "not asked", because: error.sentence)]
    }
    var findings: [SweepFinding] = []
    for realm in realms where realm.name != "master" {
      guard let mark = RealmMark(realm.attributes), mark.instance == rules.instance else { continue }
      findings.append(try await settle(realm.name, mark, isDry: isDry))
    }
    return findings.sorted { $0.name < $1.name }
  }

  private func settle(_ name: String, _ mark: RealmMark, isDry: Bool) async throws(Failure) -> SweepFinding {
    let path = "\(locks)/app-\(mark.app)"
    let lock = try FileLock.attempt(path, holder: "janitor")
    defer { withExtendedLifetime(lock) {} }
    let record = try RunDirectory(runs: runs, id: mark.run).readRecord()
    let candidate = Orphans.Candidate(
      domain: AppDomain(mark.app), mark: "\(mark.instance)/\(mark.run)", record: record,
      heldBy: lock == nil ? FileLock.holder(of: path) ?? "somebody" : nil)
    var finding = SweepFinding(.realm, name, run: mark.run)
    switch Orphans.judge(candidate, rules) {
    case .foreign: (finding.decision, finding.because) = ("not ours", "its marks are another installation's")
    case .alive(let holder, let isOld):
      (finding.decision, finding.because) = ("alive", "held by \(holder)\(isOld ? "; older than twice the deadline" : "")")
    case .kept(let until): (finding.decision, finding.because) = ("kept", "until \(until.formatted(.iso8601))")
    case .young: (finding.decision, finding.because) = ("young", "younger than CCCI_JANITOR_MAX_AGE")
    case .reap:
      (finding.decision, finding.because) = (isDry ? "would reap" : "reaped", "the lock of its app is free")
      guard !isDry else { return finding }
      do throws(Failure) { try await keycloak.delete(name) } catch {
        if error == .cancelled { throw error }
        (finding.decision, finding.because, finding.leftovers) = ("left behind", error.sentence, ["realm \(name)"])
      }
    }
    return finding
  }
}

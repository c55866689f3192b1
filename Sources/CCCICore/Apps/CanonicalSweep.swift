import FoundationEssentials

/// Canonicals that a dead quick run or promotion left running, or left in the middle. Undeployed and marked; their data and secrets stay.
public struct CanonicalSweep: Sendable {
  public let host: Host
  public let engine: Engine
  public let shelf: String
  public let locks: String
  /// The folder with the apps' `.env` files.
  public let servers: String

  public init(host: Host, engine: Engine, shelf: String, locks: String, servers: String) {
    self.host = host
    self.engine = engine
    self.shelf = shelf
    self.locks = locks
    self.servers = servers
  }

  public func pass(isDry: Bool) async throws(Failure) -> [SweepFinding] {
    var findings: [SweepFinding] = []
    guard try Files.status(shelf) != nil else { return [] }
    for name in try Files.list(shelf) where !name.hasPrefix(".") {
      let folder = ShelfFolder(shelf: shelf, name: name)
      guard try Files.status(folder.canonical) != nil else { continue }
      do throws(Failure) { if let found = try await settle(folder, isDry: isDry) { findings.append(found) } } catch {
        if error == .cancelled { throw error }
        findings.append(SweepFinding(.canonical, name, "left behind", because: error.sentence, leftovers: ["unknown: \(error.sentence)"]))
      }
    }
    return findings
  }

  /// nil for one that is at rest, or in use.
  private func settle(_ folder: ShelfFolder, isDry: Bool) async throws(Failure) -> SweepFinding? {
    guard let canonical = try folder.readCanonical() else { return nil }
    let app = WarmApp(host: host, engine: engine, shelf: shelf, servers: servers, domain: AppDomain(canonical.domain))
    guard let lock = try FileLock.attempt("\(locks)/app-\(canonical.domain)", holder: "janitor") else { return nil }
    defer { withExtendedLifetime(lock) {} }
    let isRunning = try await Leftovers.list(of: app.domain, env: app.env, engine: engine).isRunning
    let wasPromoting = canonical.status == .promoting
    guard isRunning || wasPromoting else { return nil }
    var finding = SweepFinding(.canonical, canonical.domain, run: canonical.run)
    finding.because = isRunning ? "it runs, and its lock is free" : "its promotion ended in the middle"
    finding.decision = isDry ? "would rest" : wasPromoting ? "promotion failed" : "at rest"
    guard !isDry else { return finding }
    let report = await app.rest(graceful: false)
    if !report.isClean { (finding.decision, finding.leftovers) = ("left behind", report.leftovers) }
    try folder.mark(.dirty, run: nil, at: host.now())
    return finding
  }
}

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
    for folder in try folders() {
      try await noted(folder.name, &findings) { () async throws(Failure) in try await settle(folder, isDry: isDry) }
    }
    return findings
  }

  /// Removes the warm data of recipes that are warmed no longer, some time after somebody was told.
  ///
  /// - Parameter warmed: nil where nobody says what is warmed: nothing goes.
  public func retire(_ warmed: Retirement.Warmed?, notice: Duration = Retirement.notice, isDry: Bool) async throws(Failure)
    -> [SweepFinding]
  {
    var findings: [SweepFinding] = []
    if !isDry, try Files.status(shelf) != nil {
      // What a killed pass left of one that is gone already.
      for name in try Files.list(shelf) where name.hasPrefix(Self.retired) { try Files.removeTree("\(shelf)/\(name)") }
    }
    let folders = try folders()
    guard let warmed, !folders.isEmpty else { return [] }
    var candidates: [Retirement.Candidate] = []
    for folder in folders {
      // One that cannot be read is told of by the other pass, and counts as warmed no longer.
      let canonical: Canonical?
      do throws(Failure) { canonical = try folder.readCanonical() } catch  where error.code == .badData { canonical = nil }
      candidates.append(Retirement.Candidate(recipe: canonical?.recipe ?? "", unwarmed: canonical?.unwarmed))
    }
    switch Retirement.decide(candidates, warmed: warmed, notice: notice, now: host.now()) {
    case .refused(let why):
      // Nothing would go: nobody needs to hear of it.
      guard case .known = warmed else {
        return candidates.contains { $0.unwarmed != nil } ? [SweepFinding(.canonical, "canonicals", "refused", because: why)] : []
      }
      return [SweepFinding(.canonical, "canonicals", "refused", because: why)]
    case .decided(let decisions):
      for (folder, decision) in zip(folders, decisions) {
        try await noted(folder.name, &findings) { () async throws(Failure) in try await act(decision, on: folder, isDry: isDry) }
      }
    }
    return findings
  }

  private static let retired = ".retired-"

  private func folders() throws(Failure) -> [ShelfFolder] {
    guard try Files.status(shelf) != nil else { return [] }
    var found: [ShelfFolder] = []
    for name in try Files.list(shelf).sorted() where !name.hasPrefix(".") {
      let folder = ShelfFolder(shelf: shelf, name: name)
      if try Files.status(folder.canonical) != nil { found.append(folder) }
    }
    return found
  }

  /// The failure of one keeps no other from its turn.
  private func noted(
    _ name: String, _ findings: inout [SweepFinding], _ body: () async throws(Failure) -> SweepFinding?
  ) async throws(Failure) {
    do throws(Failure) { if let found = try await body() { findings.append(found) } } catch {
      if error == .cancelled { throw error }
      findings.append(SweepFinding(.canonical, name, "left behind", because: error.sentence, leftovers: ["unknown: \(error.sentence)"]))
    }
  }

  private func act(_ decision: Retirement.Decision, on folder: ShelfFolder, isDry: Bool) async throws(Failure) -> SweepFinding? {
    guard decision != .keep, let canonical = try folder.readCanonical() else { return nil }
    var finding = SweepFinding(.canonical, canonical.domain)
    switch decision {
    case .keep: return nil
    case .warmedAgain: (finding.decision, finding.because) = ("kept", "\(canonical.recipe) is warmed again")
    case .noticed(let goes):
      (finding.decision, finding.because) = ("noticed", "\(canonical.recipe) is not warmed any more: goes \(Self.day(goes))")
    case .waiting(let goes):
      (finding.decision, finding.because) = ("kept", "\(canonical.recipe) is not warmed any more: goes \(Self.day(goes))")
      return finding
    case .retire(let since):
      (finding.decision, finding.because) = (
        isDry ? "would remove" : "removed", "\(canonical.recipe) is not warmed since \(Self.day(since))"
      )
    }
    guard !isDry else { return finding }
    // In use: the next pass sees it again.
    guard let lock = try FileLock.attempt("\(locks)/app-\(canonical.domain)", holder: "janitor") else { return nil }
    defer { withExtendedLifetime(lock) {} }
    if case .retire = decision {
      let app = WarmApp(host: host, engine: engine, shelf: shelf, servers: servers, domain: AppDomain(canonical.domain))
      let report = await Teardown(host: host, engine: engine, abra: nil, env: app.env, domain: app.domain).remove()
      guard report.isClean else {
        (finding.decision, finding.leftovers) = ("left behind", report.leftovers)
        return finding
      }
      let gone = "\(shelf)/\(Self.retired)\(folder.name)"
      try Files.move(folder.path, to: gone)
      try Files.removeTree(gone)
      return finding
    }
    // As it is now: until the lock was ours, somebody else may have changed it.
    guard var current = try folder.readCanonical() else { return nil }
    if case .noticed = decision { current.unwarmed = host.now() } else { current.unwarmed = nil }
    try folder.write(current)
    return finding
  }

  private static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }

  /// nil for one that is at rest, or in use.
  private func settle(_ folder: ShelfFolder, isDry: Bool) async throws(Failure) -> SweepFinding? {
    guard let domain = try folder.readCanonical()?.domain else { return nil }
    let app = WarmApp(host: host, engine: engine, shelf: shelf, servers: servers, domain: AppDomain(domain))
    guard let lock = try FileLock.attempt("\(locks)/app-\(domain)", holder: "janitor") else { return nil }
    defer { withExtendedLifetime(lock) {} }
    // Only now: until the lock was ours, somebody else may have changed it.
    guard let canonical = try folder.readCanonical() else { return nil }
    let isRunning = try await Leftovers.list(of: app.domain, env: app.env, engine: engine).isRunning
    let wasPromoting = canonical.status == .promoting
    guard isRunning || wasPromoting else { return nil }
    var finding = SweepFinding(.canonical, canonical.domain, run: canonical.run)
    finding.because = isRunning ? "it runs, and its lock is free" : "its promotion ended in the middle"
    finding.decision = isDry ? "would rest" : wasPromoting ? "promotion failed" : "at rest"
    guard !isDry else { return finding }
    // Processes of its run are gone: records without an end come before canonicals.
    let report = await app.rest(afterRun: nil)
    if !report.isClean { (finding.decision, finding.leftovers) = ("left behind", report.leftovers) }
    try folder.mark(.dirty, run: nil, at: host.now())
    return finding
  }
}

import FoundationEssentials

/// A canonical between its uses: undeployed, volumes and secrets kept. The caller holds the app's lock.
public struct WarmApp: Sendable {
  public let host: Host
  public let engine: Engine
  public let folder: ShelfFolder
  public let domain: AppDomain
  /// The app's `.env`.
  public let env: String

  public init(host: Host, engine: Engine, shelf: String, servers: String, domain: AppDomain) {
    self.host = host
    self.engine = engine
    self.domain = domain
    folder = ShelfFolder(shelf: shelf, domain: domain)
    env = "\(servers)/\(domain).env"
  }

  public var store: SnapshotStore { SnapshotStore(host: host, engine: engine, folder: folder, domain: domain, env: env) }

  /// Stops everything of the app, and keeps its data. What still runs is in the report.
  ///
  /// - Parameter graceful: when the data is to be saved; else it is rebuilt anyway.
  public func rest(graceful: Bool) async -> Teardown.Report {
    await Teardown(host: host, engine: engine, abra: nil, env: env, domain: domain).stop(graceful: graceful)
  }

  /// Stops what a dead run left running. A second round comes 2 s later, as in ``Reaper``: swarm starts containers of services that are gone.
  ///
  /// - Parameter cookie: of the run; its processes go first.
  public func rest(afterRun cookie: String?) async -> Teardown.Report {
    var report = Teardown.Report()
    for round in 1...2 {
      if let cookie, !cookie.isEmpty { ProcessFamily.kill(cookie: cookie) }
      let one = await rest(graceful: false)
      report.leftovers = one.leftovers
      report.complaints += one.complaints
      guard round == 1 else { break }
      do throws(Failure) { try await host.sleep(.seconds(2)) } catch { break }
    }
    return report
  }

  /// Whether the volumes are what the snapshot holds, so that nothing has to be rebuilt.
  public func isReady() async throws(Failure) -> Bool {
    guard try folder.readCanonical()?.status == .idle, try folder.readRestoreMark() == nil, let meta = try folder.readMeta() else {
      return false
    }
    guard try Files.status(env) != nil else { return false }
    return try await volumes() == Set(meta.volumes.map(\.name))
  }

  private func volumes() async throws(Failure) -> Set<String> {
    Set(try await engine.volumes(stack: domain.stack).map(\.name) + engine.volumes(named: "\(domain.stack)_").map(\.name))
  }

  /// Puts the volumes, and the `.env`, back to the known-good, and removes secrets that came after it.
  public func rebuild() async throws(Failure) {
    let meta = try store.current()
    do throws(Failure) { _ = try await store.restore(verifies: false, replacesEnv: true) } catch {
      // Void: no working copy will ever come of it.
      if error.code == .no { try folder.mark(.void, run: nil, at: host.now()) }
      throw error
    }
    let known = Set(meta.secrets.map(\.name))
    for secret in try await engine.secrets(named: "\(domain.stack)_") where !known.contains(secret.name) {
      try await engine.removeSecret(secret.name)
    }
  }

  /// Removes the working copy, so that a new one can be made from nothing. The snapshot and the secrets stay.
  public func clear() async throws(Failure) {
    let report = await rest(graceful: false)
    guard report.isClean else {
      throw Failure(.tryAgain, "\(domain): cannot be undeployed", why: report.leftovers.joined(separator: ", "), next: "remove it by hand")
    }
    for volume in try await volumes() { try await engine.removeVolume(volume) }
    _ = try Files.remove(env)
    // The volumes that a restore left half done are gone with the others.
    if try Files.remove(folder.restoreMark) { try Files.synchronize(directory: folder.path) }
  }
}

extension AppDomain {
  /// Where the canonical of a recipe stands.
  ///
  /// - Parameter shared: names of the host's shared apps: one of the recipe's name has its folder on the shelf already.
  public static func canonical(of recipe: RecipeName, zone: String, shared: [String]) -> AppDomain {
    AppDomain("warm-\(shared.contains(recipe.text) ? "canon-" : "")\(recipe).\(zone)")
  }
}

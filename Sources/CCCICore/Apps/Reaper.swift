import FoundationEssentials

/// Removes what a dead run left, and gives the answer that it could not give. The caller holds the app's lock.
public struct Reaper: Sendable {
  public let host: Host
  public let engine: Engine
  /// The folder with the apps' `.env` files.
  public let servers: String

  public init(host: Host, engine: Engine, servers: String) {
    self.host = host
    self.engine = engine
    self.servers = servers
  }

  /// The run's processes go first, before any removal: an orphaned `abra app deploy` would create services behind the teardown. After the
  /// final listing comes a second round, 2 s later (200 ms without an app), for whatever swarm had still in hand, and for a process that was
  /// just being started when its run was killed: until its `execve` it does not carry the run's cookie.
  public func reap(_ domains: [AppDomain], cookie: String?) async -> Teardown.Report {
    var report = Teardown.Report()
    for pass in 1...2 {
      kill(cookie)
      report.leftovers = []
      for domain in domains.reversed() {
        let env = "\(servers)/\(domain).env"
        let one = await Teardown(host: host, engine: engine, abra: nil, env: env, domain: domain).remove()
        report.leftovers += one.leftovers
        report.complaints += one.complaints
      }
      guard pass == 1 else { break }
      do throws(Failure) { try await host.sleep(domains.isEmpty ? .milliseconds(200) : .seconds(2)) } catch { break }
    }
    return report
  }

  /// Strikes the reaped apps from the run's record, and when it has no others, closes it and gives its answer, unless it had given its own.
  ///
  /// - Parameter status: the exit code that its caller has seen, as far as one can know: 137 for a run that was killed.
  public func close(
    _ directory: RunDirectory, reaped domains: [AppDomain], report: Teardown.Report, status: Int32, by who: String
  ) async throws(Failure) {
    // Another janitor may have another app of the same run in hand.
    let lock = try await recordLock(directory)
    defer { withExtendedLifetime(lock) {} }
    guard var record = try directory.readRecord(), record.isOpen else { return }
    if report.isClean { record.apps.removeAll { app in domains.contains { $0.text == app } } }
    guard record.apps.isEmpty || !report.isClean else { return try directory.write(record) }
    if try directory.readResults() == nil {
      try directory.write(KilledResults.make(record, report: report, status: status, by: who, at: host.now()))
    }
    record.phase = "reaped by the \(who), in phase \(record.phase)"
    record.finished = host.now()
    // Closed whatever happens: nobody would come back for copies only.
    var failure: Failure?
    do throws(Failure) { try await dropCopies(directory, of: record) } catch { failure = error }
    try directory.write(record)
    if let failure { throw failure }
  }

  /// A process that was just being started can be writing there still.
  private func dropCopies(_ directory: RunDirectory, of record: RunRecord) async throws(Failure) {
    for attempt in 1...10 {
      kill(record.cookie)
      do throws(Failure) { return try directory.dropCopies() } catch { if attempt == 10 { throw error } }
      try await host.sleep(.milliseconds(200))
    }
  }

  private func kill(_ cookie: String?) {
    if let cookie, !cookie.isEmpty { ProcessFamily.kill(cookie: cookie) }
  }

  private func recordLock(_ directory: RunDirectory) async throws(Failure) -> FileLock {
    for _ in 0..<1000 {
      if let lock = try FileLock.attempt("\(directory.path)/.lock", holder: "reaper") { return lock }
      try await host.sleep(.milliseconds(10))
    }
    throw Failure(.tryAgain, "run \(directory.id): its record is locked", next: "run ccci-janitor again")
  }
}

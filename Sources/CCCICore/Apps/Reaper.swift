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
  /// final listing comes a second one, 2 s later, for whatever swarm had still in hand.
  public func reap(_ domains: [AppDomain], cookie: String?) async -> Teardown.Report {
    if let cookie, !cookie.isEmpty { ProcessFamily.kill(cookie: cookie) }
    var report = Teardown.Report()
    for pass in 1...2 {
      report.leftovers = []
      for domain in domains.reversed() {
        let env = "\(servers)/\(domain).env"
        let one = await Teardown(host: host, engine: engine, abra: nil, env: env, domain: domain).remove()
        report.leftovers += one.leftovers
        report.complaints += one.complaints
      }
      guard pass == 1, !domains.isEmpty else { break }
      do throws(Failure) { try await host.sleep(.seconds(2)) } catch { break }
    }
    return report
  }

  /// Writes `results.json` for a run that was killed, unless it had written its own, and closes its record.
  ///
  /// - Parameter status: the exit code that its caller has seen, as far as one can know: 137 for a run that was killed.
  public func close(_ directory: RunDirectory, _ record: RunRecord, report: Teardown.Report, status: Int32, by who: String) throws(Failure)
  {
    if try directory.readResults() == nil {
      try directory.write(KilledResults.make(record, report: report, status: status, by: who, at: host.now()))
    }
    var closed = record
    closed.phase = "reaped by the \(who), in phase \(record.phase)"
    closed.finished = host.now()
    if report.isClean { closed.apps = [] }
    try directory.write(closed)
  }
}

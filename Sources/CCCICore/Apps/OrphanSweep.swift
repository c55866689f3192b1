import FoundationEssentials

/// One pass over everything that a dead run may have left on this host.
public struct OrphanSweep: Sendable {
  public let host: Host
  public let engine: Engine
  public let zone: String
  public let locks: String
  public let runs: String
  /// The folder with the apps' `.env` files.
  public let servers: String
  public let rules: Orphans.Rules

  public init(host: Host, engine: Engine, zone: String, locks: String, runs: String, servers: String, rules: Orphans.Rules) {
    self.host = host
    self.engine = engine
    self.zone = zone
    self.locks = locks
    self.runs = runs
    self.servers = servers
    self.rules = rules
  }

  /// Apps that are settled at the same time: a removal is mostly waiting.
  public var width = 8

  /// Every candidate, judged; orphans are removed while their lock is held, unless it is a dry run. One that cannot be settled does not keep
  /// the others from it.
  public func pass(isDry: Bool) async throws(Failure) -> [SweepFinding] {
    var domains = try await domains()[...]
    let answers = await withTaskGroup(of: Result<SweepFinding, Failure>.self) { group in
      var answers: [Result<SweepFinding, Failure>] = []
      func begin() {
        guard let domain = domains.popFirst() else { return }
        group.addTask { await self.settled(domain, isDry: isDry) }
      }
      for _ in 0..<width { begin() }
      while let answer = await group.next() {
        answers.append(answer)
        begin()
      }
      return answers
    }
    var findings: [SweepFinding] = []
    for answer in answers { findings.append(try answer.get()) }
    if !isDry { try await closeEmptyRecords() }
    return findings.sorted { $0.name < $1.name }
  }

  /// A failure only when the pass itself was cancelled.
  private func settled(_ domain: String, isDry: Bool) async -> Result<SweepFinding, Failure> {
    do throws(Failure) { return .success(try await settle(domain, isDry: isDry)) } catch {
      if error == .cancelled { return .failure(error) }
      return .success(
        SweepFinding(.app, domain, "left behind", because: error.sentence, leftovers: ["unknown: \(error.sentence)"]))
    }
  }

  /// From the engine, the servers folder and the unfinished records, by name.
  private func domains() async throws(Failure) -> [String] {
    var domains = Set(try unfinished().flatMap(\.apps))
    let zoneStack = AppDomain(zone).stack
    for stack in try await engine.stacks() where stack.hasSuffix("_\(zoneStack)") {
      let domain = "\(stack.dropLast(zoneStack.count + 1)).\(zone)"
      if Orphans.looksLikeOurs(domain, zone: zone) { domains.insert(domain) }
    }
    try AbraHome.check(servers: servers)
    for name in try Files.list(servers) where name.hasSuffix(".env") {
      let domain = String(name.dropLast(4))
      if Orphans.looksLikeOurs(domain, zone: zone) { domains.insert(domain) }
    }
    return domains.sorted()
  }

  private func candidate(_ domain: String) throws(Failure) -> Orphans.Candidate {
    let mark = try mark(of: domain)
    let run = mark.flatMap { $0.split(separator: "/").last.map(String.init) }
    let named = try run.flatMap { (id) throws(Failure) in try RunDirectory(runs: runs, id: id).readRecord() }
    let listed = try unfinished().last { $0.apps.contains(domain) }
    return Orphans.Candidate(domain: AppDomain(domain), mark: mark, record: named ?? listed)
  }

  private func settle(_ domain: String, isDry: Bool) async throws(Failure) -> SweepFinding {
    let path = "\(locks)/app-\(domain)"
    let lock = try await lock(path, of: domain)
    // Read only now: while others were removed the run may have ended, and kept its app.
    var candidate = try candidate(domain)
    if lock == nil { candidate.heldBy = FileLock.holder(of: path) ?? "somebody" }
    defer { withExtendedLifetime(lock) {} }
    var finding = SweepFinding(.app, candidate.domain.text, run: candidate.record?.runID)
    switch Orphans.judge(candidate, rules) {
    case .foreign:
      (finding.decision, finding.because) = ("not ours", "looks like a run's app, but neither its .env nor a run record says so")
    case .alive(let holder, let isOld):
      (finding.decision, finding.because) = ("alive", "held by \(holder)\(isOld ? "; older than twice the deadline" : "")")
    case .kept(let until):
      (finding.decision, finding.because) = ("kept", "until \(until.formatted(.iso8601))")
    case .young:
      (finding.decision, finding.because) = ("young", "younger than CCCI_JANITOR_MAX_AGE")
    case .reap:
      finding.because = "its lock is free"
      finding.decision = isDry ? "would reap" : "reaped"
      guard !isDry else { return finding }
      finding.leftovers = try await reap(candidate).leftovers
      if !finding.leftovers.isEmpty { finding.decision = "left behind" }
    }
    return finding
  }

  /// Without waiting, save for a moment when the run is dead: a process that it was just starting holds its locks until its `execve`.
  private func lock(_ path: String, of domain: String) async throws(Failure) -> FileLock? {
    for _ in 0..<20 {
      if let lock = try FileLock.attempt(path, holder: "janitor") { return lock }
      guard let record = try candidate(domain).record, try !isAlive(record) else { return nil }
      try await host.sleep(.milliseconds(10))
    }
    return try FileLock.attempt(path, holder: "janitor")
  }

  /// A process of another boot is dead.
  private func isAlive(_ record: RunRecord) throws(Failure) -> Bool {
    let boot = String(decoding: try Files.read("/proc/sys/kernel/random/boot_id"), as: UTF8.self).filter { !$0.isNewline }
    return record.bootID == boot && (ProcessHandle(record.pid).map { !$0.hasEnded } ?? false)
  }

  private func reap(_ candidate: Orphans.Candidate) async throws(Failure) -> Teardown.Report {
    let reaper = Reaper(host: host, engine: engine, servers: servers)
    let report = await reaper.reap([candidate.domain], cookie: candidate.record?.cookie)
    if let record = candidate.record, record.finished == nil || record.apps.contains(candidate.domain.text) {
      try await reaper.close(
        RunDirectory(runs: runs, id: record.runID), reaped: [candidate.domain], report: report, status: 137, by: "janitor")
    }
    return report
  }

  /// Runs that were killed before they had an app: nothing to remove, but an answer to give.
  private func closeEmptyRecords() async throws(Failure) {
    for record in try unfinished() where record.apps.isEmpty {
      guard try !isAlive(record) else { continue }
      let reaper = Reaper(host: host, engine: engine, servers: servers)
      let report = await reaper.reap([], cookie: record.cookie)
      try await reaper.close(RunDirectory(runs: runs, id: record.runID), reaped: [], report: report, status: 137, by: "janitor")
    }
  }

  private func unfinished() throws(Failure) -> [RunRecord] { try RunRecords(runs: runs).open() }

  private func mark(of domain: String) throws(Failure) -> String? {
    guard let bytes = try Files.readIfPresent("\(servers)/\(domain).env") else { return nil }
    return EnvFile(String(decoding: bytes, as: UTF8.self))["CCCI_OWNER"]
  }
}

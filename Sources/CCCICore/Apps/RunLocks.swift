/// The locks of a run: one slot, its apps, and shared, so that runs do not exclude one another, the night's and the host's.
public struct RunLocks: Sendable {
  public let locks: HostLocks
  public var capacity: Int
  public var domains: [AppDomain]

  public init(_ locks: HostLocks, capacity: Int, domains: [AppDomain]) {
    self.locks = locks
    self.capacity = capacity
    self.domains = domains
  }

  /// The names of what is held, for the record.
  public var names: [String] { ["slot"] + domains.sorted().map(HostLocks.path) + ["nightly", "host"] }

  /// Takes all locks, waiting for each.
  ///
  /// The gate is passed and not kept: who holds it exclusively lets no new run begin, and waits for those that have.
  public func take(until deadline: ContinuousClock.Instant) async throws(Failure) -> [FileLock] {
    var held = [try await locks.take(HostLocks.slots(capacity), until: deadline)]
    for domain in domains.sorted() { held.append(try await locks.take(HostLocks.app(domain), until: deadline)) }
    held.append(
      try await locks.take(HostLocks.Wanted(names: ["nightly"], what: "the end of the night's work", mode: .shared), until: deadline))
    let gate = try await locks.take(HostLocks.Wanted(names: ["gate"], what: "the gate", mode: .shared), until: deadline)
    held.append(try await locks.take(HostLocks.Wanted(names: ["host"], what: "the host", mode: .shared), until: deadline))
    withExtendedLifetime(gate) {}
    return held
  }
}

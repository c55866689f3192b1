/// The locks of a reconciler: its own app, and the host for itself alone.
public struct ReconcileLocks: Sendable {
  public let locks: HostLocks
  public var domain: AppDomain

  public init(_ locks: HostLocks, domain: AppDomain) {
    self.locks = locks
    self.domain = domain
  }

  /// Closes the gate first, so that runs which come later queue behind it, then waits for those that are under way: overlapping runs
  /// cannot starve it.
  ///
  /// - Parameter deadline: of the whole wait, `[reconcile] wait` from now.
  /// - Throws: `tryAgain` when runs are still under way then.
  public func take(until deadline: ContinuousClock.Instant) async throws(Failure) -> [FileLock] {
    var held = [try await locks.take(HostLocks.app(domain), until: deadline)]
    held.append(
      try await locks.take(
        HostLocks.Wanted(names: ["gate"], what: "the gate", inTheWay: "another reconciler, or a run that begins"), until: deadline))
    held.append(
      try await locks.take(HostLocks.Wanted(names: ["host"], what: "the host", inTheWay: "runs under way"), until: deadline))
    return held
  }
}

/// The locks of a run, in their fixed order: a slot, then the domains of its apps in sorted order. Released by the kernel when the process ends.
public struct RunLocks: Sendable {
  public let folder: String
  public let host: Host

  public init(folder: String, host: Host) {
    self.folder = folder
    self.host = host
  }

  /// What a run asks for.
  public struct Request: Sendable {
    /// Who asks, as a waiter will read it: `run d17 (custom-html)`.
    public var holder: String
    public var capacity: Int
    public var domains: [AppDomain]
    public var deadline: ContinuousClock.Instant

    public init(holder: String, capacity: Int, domains: [AppDomain], deadline: ContinuousClock.Instant) {
      self.holder = holder
      self.capacity = capacity
      self.domains = domains
      self.deadline = deadline
    }
  }

  /// Takes all locks, waiting for each.
  ///
  /// - Parameter says: told once per lock that is held by somebody else, and whenever the holder changes.
  /// - Throws: `tryAgain` when the deadline passes first.
  public func take(_ request: Request, says: @Sendable (String) -> Void) async throws(Failure) -> [FileLock] {
    let slots = (0..<request.capacity).map { "\(folder)/slot.\($0)" }
    var held = [try await wait(for: slots, "a slot", request, says)]
    for domain in request.domains.sorted() {
      held.append(try await wait(for: ["\(folder)/app-\(domain)"], "the app \(domain)", request, says))
    }
    return held
  }

  /// The first of several locks that becomes free.
  private func wait(
    for paths: [String], _ what: String, _ request: Request, _ says: @Sendable (String) -> Void
  ) async throws(Failure) -> FileLock {
    var said = ""
    while true {
      for path in paths {
        if let lock = try FileLock.attempt(path, holder: request.holder) { return lock }
      }
      let holders = paths.map { FileLock.holder(of: $0) ?? "somebody" }.joined(separator: ", ")
      if holders != said {
        said = holders
        says("waiting for \(what): held by \(holders)")
      }
      guard ContinuousClock.now < request.deadline else {
        throw Failure(
          .tryAgain, "\(what) did not become free in time", why: "held by \(holders)", next: "look at ccci-run list, then run it again")
      }
      try await host.sleep(.milliseconds(100))
    }
  }
}

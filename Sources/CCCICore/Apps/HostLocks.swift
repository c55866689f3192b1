/// The lock files of this host, and the waiting for them. Released by the kernel when the last process that holds one ends.
///
/// The order is fixed for everybody: a slot, app locks by name, `nightly`, `gate`, `host`.
public struct HostLocks: Sendable {
  public let folder: String
  public let host: Host
  /// Who asks, as a waiter will read it: `run d17 (custom-html)`.
  public let holder: String
  /// Told once per lock that somebody else holds, and whenever the holder changes.
  public let says: @Sendable (String) -> Void

  public init(folder: String, host: Host, holder: String, says: @escaping @Sendable (String) -> Void) {
    self.folder = folder
    self.host = host
    self.holder = holder
    self.says = says
  }

  /// One file or several, any of which will do.
  struct Wanted: Sendable {
    var names: [String]
    /// As a waiter reads it: `a slot`.
    var what: String
    var mode = FileLock.Mode.exclusive
    /// Who is in the way when the file cannot say: it names its exclusive holders only.
    var inTheWay: String?
  }

  static func slots(_ capacity: Int) -> Wanted { Wanted(names: (0..<capacity).map { "slot.\($0)" }, what: "a slot") }

  static func app(_ domain: AppDomain) -> Wanted { Wanted(names: [path(of: domain)], what: "the app \(domain)") }

  static func path(of domain: AppDomain) -> String { "app-\(domain)" }

  /// Waits until the first of the wanted locks is free.
  ///
  /// - Throws: `tryAgain` when the deadline passes first.
  func take(_ wanted: Wanted, until deadline: ContinuousClock.Instant) async throws(Failure) -> FileLock {
    var said = ""
    while true {
      for name in wanted.names {
        if let lock = try FileLock.attempt("\(folder)/\(name)", wanted.mode, holder: holder) { return lock }
      }
      let others =
        wanted.inTheWay ?? wanted.names.map { FileLock.holder(of: "\(folder)/\($0)") ?? "somebody" }.joined(separator: ", ")
      if others != said {
        said = others
        says("waiting for \(wanted.what): held by \(others)")
      }
      guard ContinuousClock.now < deadline else {
        throw Failure(
          .tryAgain, "\(wanted.what) did not become free in time", why: "held by \(others)",
          next: "look at ccci-run list, then run it again")
      }
      try await host.sleep(.milliseconds(100))
    }
  }
}

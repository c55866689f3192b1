import FoundationEssentials

extension OrphanSweep {
  /// The sweep of this host, as its settings describe it.
  ///
  /// - Parameter youngest: seconds; orphans that are younger are left alone.
  public init(_ settings: Settings, host: Host, youngest: Double = 0) throws(Failure) {
    self.init(
      host: host, engine: Engine(host: host, socket: settings.host.engine), zone: settings.host.zone, locks: settings.host.lock,
      runs: settings.host.runs, servers: "\(settings.host.abraDirectory)/servers/\(settings.host.server)",
      rules: Orphans.Rules(
        instance: try Instance.onShelf(settings.host.shelf).id, now: host.now(), deadline: settings.run.deadline.seconds, youngest: youngest
      ))
  }
}

import FoundationEssentials

extension OrphanSweep {
  /// The sweep of this host, as its settings describe it.
  ///
  /// - Parameters:
  ///   - youngest: seconds; orphans that are younger are left alone.
  ///   - isDry: nothing is written, the id of the installation neither: before there is one, no app is this installation's.
  public init(_ settings: Settings, host: Host, youngest: Double = 0, isDry: Bool = false) throws(Failure) {
    let shelf = settings.host.shelf
    let instance = try isDry ? Instance.ifPresent(shelf) ?? Instance(id: RandomID.hex(12)) : Instance.onShelf(shelf)
    self.init(
      host: host, engine: Engine(host: host, socket: settings.host.engine), zone: settings.host.zone, locks: settings.host.lock,
      runs: settings.host.runs, servers: "\(settings.host.abraDirectory)/servers/\(settings.host.server)",
      rules: Orphans.Rules(
        instance: instance.id, now: host.now(), deadline: settings.run.deadline.seconds, youngest: youngest
      ))
  }
}

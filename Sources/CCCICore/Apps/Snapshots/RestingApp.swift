/// An app that is not deployed, with its volumes on this host: what a snapshot is taken of, and put back into.
struct RestingApp: Sendable {
  let engine: Engine
  let domain: AppDomain

  /// Proves by asking the engine that nothing of the app runs and nobody holds its volumes. `tryAgain` names what is there.
  func prove() async throws(Failure) {
    let stack = domain.stack
    var there = try await engine.services(stack: stack).map { "service \($0.name)" }
    there += try await engine.containers(stack: stack).map { "container \($0.name)" }
    for volume in try await all() {
      for container in try await engine.containers(holding: volume.name) {
        there.append("container \(container.name) on volume \(volume.name)")
      }
    }
    guard there.isEmpty else {
      let shown = there.prefix(3).joined(separator: ", ") + (there.count > 3 ? " and \(there.count - 3) more" : "")
      throw Failure(
        .tryAgain, "\(domain): is deployed", why: shown, next: "undeploy it first: abra app undeploy \(domain)")
    }
  }

  /// The volumes that hold data on this host. One whose data is elsewhere is `config`: it would be missing in every snapshot.
  ///
  /// - Parameter names: of those that matter; the others may be of any kind. nil: all matter.
  func volumes(among names: Set<String>? = nil) async throws(Failure) -> [EngineVolume] {
    let all = try await all()
    for volume in all where names?.contains(volume.name) ?? true {
      guard volume.driver != "local" || !volume.options.isEmpty || volume.mountpoint.isEmpty else { continue }
      throw Failure(
        .config, "\(domain): volume \(volume.name) cannot be saved",
        why: "its driver is \(volume.driver)\(volume.options.isEmpty ? "" : " with options"), its data may be elsewhere",
        next: "use a plain local volume")
    }
    return all
  }

  /// By label and by name: a volume that was made by hand has no label.
  private func all() async throws(Failure) -> [EngineVolume] {
    var found = try await engine.volumes(stack: domain.stack)
    for volume in try await engine.volumes(named: "\(domain.stack)_") where !found.contains(where: { $0.name == volume.name }) {
      found.append(volume)
    }
    return found.sorted { $0.name < $1.name }
  }

  func secrets() async throws(Failure) -> [SnapshotMeta.Secret] {
    try await engine.secrets(named: "\(domain.stack)_").map { SnapshotMeta.Secret(name: $0.name, id: $0.id) }
  }
}

/// The named volumes of a stack, looked into on this host.
public struct AppVolumes: Sendable {
  public let engine: Engine
  public let stack: String

  public init(engine: Engine, stack: String) {
    self.engine = engine
    self.stack = stack
  }

  /// One volume with its content and, where a container has already written, its canaries.
  public struct Watched: Sendable {
    public var name: String
    public var mountpoint: String
    public var inventory: VolumeInventory
    public var canary: Canary?
  }

  /// Takes stock of every volume and plants canaries in it. Volumes in `except` are left alone.
  public func watch(except: [String]) async throws(Failure) -> [Watched] {
    let mounts = try await mounts()
    var watched: [Watched] = []
    for volume in try await volumes() where !except.contains(short(volume.name)) {
      let inventory = try VolumeInventory.take(of: volume.name, at: volume.mountpoint, mounts: mounts[volume.name] ?? [])
      let canary = try Canary.plant(in: volume.mountpoint, volume: volume.name, place: short(volume.name))
      watched.append(Watched(name: short(volume.name), mountpoint: volume.mountpoint, inventory: inventory, canary: canary))
    }
    return watched
  }

  /// What became of the volumes.
  public func judge(_ before: [Watched]) async throws(Failure) -> [VolumeLoss.Judgement] {
    let mounts = try await mounts()
    let now = try await volumes()
    let services = try await engine.services(stack: stack).map(\.shortName)
    var judgements: [VolumeLoss.Judgement] = []
    for old in before {
      let volume = now.first { $0.name == old.inventory.volume }
      var facts = VolumeLoss.Facts(before: old.inventory, after: nil, surviving: 0, canaries: nil, services: services)
      if let volume {
        facts.after = try VolumeInventory.take(of: volume.name, at: volume.mountpoint, mounts: mounts[volume.name] ?? [])
        facts.surviving = try old.inventory.surviving(at: volume.mountpoint)
        if let canary = old.canary { facts.canaries = [try canary.state(of: canary.changed), try canary.state(of: canary.deleted)] }
      }
      judgements.append(VolumeLoss.judge(facts, named: old.name))
    }
    return judgements
  }

  /// Where a backup target lies on this host.
  public struct Place: Sendable {
    public var target: BackupTarget
    /// Docker's name of the volume, nil when the path is in none.
    public var volume: String?
    /// The path on this host, nil when there is no such volume or path.
    public var path: String?
    public var isDirectory: Bool
    public var files: Int
  }

  /// Looks each target up. A path that leaves its volume by a symbolic link is not followed.
  public func places(of targets: [BackupTarget]) async throws(Failure) -> [Place] {
    let now = try await volumes()
    var places: [Place] = []
    for target in targets {
      guard let wanted = target.volume, let volume = now.first(where: { short($0.name) == wanted }) else {
        places.append(Place(target: target, volume: nil, path: nil, isDirectory: false, files: 0))
        continue
      }
      let path = target.path.isEmpty ? volume.mountpoint : "\(volume.mountpoint)/\(target.path)"
      guard let status = try Files.status(path), try isInside(path, volume.mountpoint) else {
        places.append(Place(target: target, volume: volume.name, path: nil, isDirectory: target.path.isEmpty, files: 0))
        continue
      }
      let files = status.kind == .directory ? try VolumeInventory.take(of: volume.name, at: path, mounts: []).files : 1
      places.append(Place(target: target, volume: volume.name, path: path, isDirectory: status.kind == .directory, files: files))
    }
    return places
  }

  /// The name in compose.
  public func short(_ name: String) -> String { name.hasPrefix("\(stack)_") ? String(name.dropFirst(stack.count + 1)) : name }

  private func isInside(_ path: String, _ root: String) throws(Failure) -> Bool {
    let (resolved, base) = (try Files.resolve(path), try Files.resolve(root))
    return resolved == base || resolved.hasPrefix("\(base)/")
  }

  private func volumes() async throws(Failure) -> [EngineVolume] {
    try await engine.volumes(stack: stack).filter { $0.driver == "local" && $0.options["o"] == nil && !$0.mountpoint.isEmpty }
  }

  /// Docker's name of a volume → where the stack's services mount it.
  private func mounts() async throws(Failure) -> [String: [String]] {
    var found: [String: [String]] = [:]
    for service in try await engine.services(stack: stack) {
      for mount in service.mounts where mount.type == "volume" {
        found[mount.source, default: []].append("\(service.shortName):\(mount.target)")
      }
    }
    return found
  }
}

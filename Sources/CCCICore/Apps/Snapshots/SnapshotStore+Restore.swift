import FoundationEssentials

extension SnapshotStore {
  /// How a restore went.
  public struct Restored: Sendable, Equatable, Codable {
    public var app: String
    public var version: String
    public var snapshot: String
    public var bytes: Int
    public var files: Int
    /// Volumes of the app that the snapshot does not know: somebody's later data.
    public var removed: [String]
    /// An earlier restore had been interrupted.
    public var resumed: Bool
  }

  /// Puts the app's volumes back to what the snapshot holds. The app must be undeployed.
  ///
  /// Nothing is touched before every checksum holds and the secrets are the same: `badData`, or `no` when a secret was lost or made anew. A
  /// volume with a tree beside its archive is made of that; the archive's checksums are then looked at only when that fails.
  /// A kill in between leaves `restore.json`, and the next call begins again.
  ///
  /// - Parameters:
  ///   - verifies: make the volumes of the archives, and compare them afterwards, byte by byte.
  ///   - replacesEnv: the `.env` of then takes the place of the one that is there, too, which otherwise stays.
  public func restore(verifies: Bool, replacesEnv: Bool = false) async throws(Failure) -> Restored {
    let meta = try current()
    let resumed = try folder.readRestoreMark() != nil
    try await app.prove()
    let sources = try await sources(meta)
    let lost = meta.lostSecrets(among: try await app.secrets())
    guard lost.isEmpty else {
      throw Failure(
        .no, "\(domain): the snapshot is void", why: "secrets were lost or made anew: \(lost.joined(separator: ", "))",
        next: try folder.readCanonical() == nil
          ? "its data fits no other secrets: start the app empty, or unpack what you need by hand, see docs/snapshots.md"
          : "seed it again by a cold run; its data does not fit the new secrets")
    }
    let present = try await app.volumes(among: Set(meta.volumes.map(\.name)))
    let mark = RestoreMark(snapshot: meta.id, volumes: meta.volumes.map(\.name), started: host.now())
    try Files.write(JSONCoding.encode(mark), to: folder.restoreMark, mode: 0o600)
    // Only now, and first: whoever is interrupted repeats all of it.
    try putBack(meta.env, replaces: replacesEnv)
    for (volume, source) in zip(meta.volumes, sources) {
      let place = try await engine.createVolume(volume.name, labels: volume.labels).mountpoint
      try await put(volume, source, into: place, verifies: verifies)
    }
    let strangers = present.map(\.name).filter { name in !meta.volumes.contains { $0.name == name } }
    for name in strangers { try await engine.removeVolume(name) }
    // What was deployed meanwhile has seen half of the data: the mark stays.
    try await app.prove()
    try Files.remove(folder.restoreMark)
    try Files.synchronize(directory: folder.path)
    return Restored(
      app: folder.name, version: meta.version, snapshot: meta.id, bytes: meta.bytes, files: meta.volumes.reduce(0) { $0 + $1.files },
      removed: strangers, resumed: resumed)
  }

  private func putBack(_ saved: String, replaces: Bool) throws(Failure) {
    let isMissing = try Files.status(env) == nil
    guard replaces || isMissing else { return }
    if saved.isEmpty { _ = try Files.remove(env) } else { try Files.write(Array(saved.utf8), to: env, mode: 0o600) }
  }

  /// What a volume is made of.
  private enum Source {
    /// Whose every checksum holds.
    case archive(ArchiveReader)
    /// A directory that shares blocks with what is made of it.
    case tree(TreeRoot)
  }

  private func sources(_ meta: SnapshotMeta) async throws(Failure) -> [Source] {
    let (folder, tally) = (folder, tally)
    return try await blocking { () throws(Failure) in
      var sources: [Source] = []
      for volume in meta.volumes {
        let tree = "\(folder.snapshot)/volumes/\(volume.name)\(ShelfFolder.tree)"
        if try Files.status(tree) != nil {
          sources.append(.tree(try TreeRoot(tree)))
        } else {
          sources.append(.archive(try Self.sound(volume, in: folder, tally)))
        }
      }
      return sources
    }
  }

  /// An archive whose every checksum holds.
  private static func sound(_ volume: SnapshotMeta.Volume, in folder: ShelfFolder, _ tally: Tally) throws(Failure) -> ArchiveReader {
    tally.begin("checking \(volume.name)", bytes: volume.size, files: 0)
    let reader = ArchiveReader(path: archive(of: volume, in: folder), index: try index(of: volume, in: folder))
    try reader.check()
    return reader
  }

  private func put(_ volume: SnapshotMeta.Volume, _ source: Source, into place: String, verifies: Bool) async throws(Failure) {
    let (folder, tally) = (folder, tally)
    try await blocking { () throws(Failure) in
      let root = try TreeRoot(place)
      if case .tree(let tree) = source, !verifies {
        // Whatever is wrong with it: the archive is the truth.
        do throws(Failure) { if try Self.clone(tree, volume, into: root, tally) { return } } catch {
          if error == .cancelled { throw error }
        }
      }
      let reader: ArchiveReader
      if case .archive(let checked) = source { reader = checked } else { reader = try Self.sound(volume, in: folder, tally) }
      tally.begin("restoring \(volume.name)", bytes: volume.bytes, files: volume.files)
      try TreeClear.empty(root)
      let sink = TreeRestore(root: root, tally: tally)
      try reader.read(into: sink)
      try sink.finish()
      let counts = try Self.counts(of: root)
      guard counts == (volume.files, volume.bytes) else {
        throw Failure(
          .ioError, "\(place): is not what was restored",
          why: "\(counts.files) entries of \(counts.bytes) bytes, not \(volume.files) of \(volume.bytes)",
          next: "somebody writes there: find out who, then repeat")
      }
      if verifies {
        tally.begin("comparing \(volume.name)", bytes: volume.bytes, files: volume.files)
        try Self.compare(reader, with: root, tally)
      }
    }
  }

  private static func clone(
    _ tree: TreeRoot, _ volume: SnapshotMeta.Volume, into root: TreeRoot, _ tally: Tally
  ) throws(Failure) -> Bool {
    tally.begin("cloning \(volume.name)", bytes: volume.bytes, files: volume.files)
    try TreeClear.empty(root)
    guard try TreeClone(source: tree, target: root, tally: tally).copy() else { return false }
    return try counts(of: root) == (volume.files, volume.bytes)
  }

  private static func counts(of root: TreeRoot) throws(Failure) -> (files: Int, bytes: Int) {
    let entries = try TreeWalk.entries(of: root)
    return (entries.count - 1, ArchiveWriter.bytes(of: entries))
  }
}

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
  /// Nothing is touched before every checksum holds and the secrets are the same: `badData`, or `no` when a secret was lost or made anew.
  /// A kill in between leaves `restore.json`, and the next call begins again.
  ///
  /// - Parameter verifies: compare the volumes with the archives afterwards, byte by byte.
  public func restore(verifies: Bool) async throws(Failure) -> Restored {
    let meta = try current()
    let resumed = try folder.readRestoreMark() != nil
    try await app.prove()
    let readers = try await sound(meta)
    let lost = meta.lostSecrets(among: try await app.secrets())
    guard lost.isEmpty else {
      throw Failure(
        .no, "\(domain): the snapshot is void", why: "secrets were lost or made anew: \(lost.joined(separator: ", "))",
        next: "seed it again by a cold run; its data does not fit the new secrets")
    }
    let present = try await app.volumes()
    let mark = RestoreMark(snapshot: meta.id, volumes: meta.volumes.map(\.name), started: host.now())
    try Files.write(JSONCoding.encode(mark), to: folder.restoreMark, mode: 0o600)
    for (volume, reader) in zip(meta.volumes, readers) {
      let place = try await engine.createVolume(volume.name, labels: volume.labels).mountpoint
      try await put(volume, reader, into: place, verifies: verifies)
    }
    let strangers = present.map(\.name).filter { name in !meta.volumes.contains { $0.name == name } }
    for name in strangers { try await engine.removeVolume(name) }
    if try Files.status(env) == nil, !meta.env.isEmpty { try Files.write(Array(meta.env.utf8), to: env, mode: 0o600) }
    // What was deployed meanwhile has seen half of the data: the mark stays.
    try await app.prove()
    try Files.remove(folder.restoreMark)
    try Files.synchronize(directory: folder.path)
    return Restored(
      app: folder.name, version: meta.version, snapshot: meta.id, bytes: meta.bytes, files: meta.volumes.reduce(0) { $0 + $1.files },
      removed: strangers, resumed: resumed)
  }

  /// Archives whose every checksum holds.
  private func sound(_ meta: SnapshotMeta) async throws(Failure) -> [ArchiveReader] {
    let (folder, tally) = (folder, tally)
    return try await blocking { () throws(Failure) in
      var readers: [ArchiveReader] = []
      for volume in meta.volumes {
        tally.begin("checking \(volume.name)", bytes: volume.size, files: 0)
        let reader = ArchiveReader(path: Self.archive(of: volume, in: folder), index: try Self.index(of: volume, in: folder))
        try reader.check()
        readers.append(reader)
      }
      return readers
    }
  }

  private func put(_ volume: SnapshotMeta.Volume, _ reader: ArchiveReader, into place: String, verifies: Bool) async throws(Failure) {
    let tally = tally
    try await blocking { () throws(Failure) in
      tally.begin("restoring \(volume.name)", bytes: volume.bytes, files: volume.files)
      let root = try TreeRoot(place)
      try TreeClear.empty(root)
      let sink = TreeRestore(root: root, tally: tally)
      try reader.read(into: sink)
      try sink.finish()
      let entries = try TreeWalk.entries(of: root)
      let (files, bytes) = (entries.count - 1, ArchiveWriter.bytes(of: entries))
      guard files == volume.files, bytes == volume.bytes else {
        throw Failure(
          .ioError, "\(place): is not what was restored", why: "\(files) entries of \(bytes) bytes, not \(volume.files) of \(volume.bytes)",
          next: "somebody writes there: find out who, then repeat")
      }
      if verifies {
        tally.begin("comparing \(volume.name)", bytes: volume.bytes, files: volume.files)
        try Self.compare(reader, with: root, tally)
      }
    }
  }
}

import FoundationEssentials

extension SnapshotStore {
  /// What a snapshot is of.
  public struct Subject: Sendable {
    public var recipe: RecipeName
    public var version: String
    public var commit: CommitID?

    public init(recipe: RecipeName, version: String, commit: CommitID?) {
      self.recipe = recipe
      self.version = version
      self.commit = commit
    }
  }

  /// Takes a snapshot of the undeployed app, and puts it in the place of the last one in one step.
  ///
  /// - Parameters:
  ///   - verifies: compare it with the volumes, byte by byte, before it becomes the truth.
  ///   - keepsTrees: keep a copy of each volume beside its archive whose files share their blocks, where the filesystem can.
  /// - Throws: `tryAgain` while the app is deployed, while a restore is unfinished, or when a file changes meanwhile; `ioError` without space;
  ///   `badData` where another app's snapshot stands.
  public func create(_ subject: Subject, verifies: Bool, keepsTrees: Bool = false) async throws(Failure) -> SnapshotMeta {
    if try folder.readRestoreMark() != nil {
      throw Failure(
        .tryAgain, "\(domain): a restore was interrupted", why: "the volumes hold only a part of the data",
        next: "finish it first: ccci-snap restore \(folder.name)")
    }
    try checkOwner()
    try await app.prove()
    try Files.createDirectory(folder.path, mode: 0o700)
    try clear()
    let volumes = try await app.volumes()
    let trees = try await looked(volumes)
    try checkSpace(for: trees)
    let id = RandomID.hex(12)
    let place = folder.new(id)
    do throws(Failure) {
      var meta = SnapshotMeta(
        id: id, recipe: subject.recipe.text, domain: domain.text, version: subject.version, commit: subject.commit?.text, taken: host.now(),
        env: String(decoding: try Files.readIfPresent(env) ?? [], as: UTF8.self), secrets: try await app.secrets(), volumes: [])
      try Files.createDirectory(place, mode: 0o700)
      try Files.createDirectory("\(place)/volumes", mode: 0o700)
      for (volume, tree) in zip(volumes, trees) {
        meta.volumes.append(try await save(volume, tree, in: "\(place)/volumes", verifies: verifies))
        if keepsTrees { try await keepTree(of: volume, in: "\(place)/volumes") }
      }
      try Files.synchronize(directory: "\(place)/volumes")
      try Files.write(JSONCoding.encode(meta), to: "\(place)/meta.json", mode: 0o600)
      // Nobody may have deployed it meanwhile.
      try await app.prove()
      try publish(place)
      return meta
    } catch {
      throw withoutLeftovers(of: error, at: place)
    }
  }

  /// Two domains may share their first label. A snapshot is only ever replaced by one of the same app.
  func checkOwner() throws(Failure) {
    guard let meta = try folder.readMeta(), meta.domain != domain.text else { return }
    throw Failure(
      .badData, "\(domain): \(folder.snapshot) is another app's", why: "it is of \(meta.domain)",
      next: "name that app, or move its folder away first")
  }

  /// Nothing at `place` is the truth. What cannot be removed now is named, and removed by the next command.
  private func withoutLeftovers(of failure: Failure, at place: String) -> Failure {
    do throws(Failure) {
      try Files.removeTree(place)
      return failure
    } catch {
      return Failure(failure.code, failure.what, why: "\(failure.why); and \(error.sentence)", next: failure.next)
    }
  }

  /// What is in each volume, looked at once. A file that changes until it is read is noticed then; one that somebody adds later is not
  /// in the snapshot, and `--verify` notices it.
  private func looked(_ volumes: [EngineVolume]) async throws(Failure) -> [Tree] {
    try await blocking { () throws(Failure) in
      var trees: [Tree] = []
      for volume in volumes {
        let root = try TreeRoot(volume.mountpoint)
        trees.append(Tree(root: root, entries: try TreeWalk.entries(of: root)))
      }
      return trees
    }
  }

  /// Whether a snapshot of the app is possible and would fit, asked while it still runs: `config` and `ioError` as ``create`` throws them.
  /// What changes while it is looked at cannot be measured, and is left to ``create``.
  public func checkAhead() async throws(Failure) {
    let volumes = try await app.volumes()
    let trees: [Tree]
    do throws(Failure) { trees = try await looked(volumes) } catch {
      if error == .cancelled { throw error }
      return
    }
    try Files.createDirectory(folder.path, mode: 0o700)
    try checkSpace(for: trees)
  }

  /// 1.2 times what lies on disk: no snapshot may fill the shelf's filesystem.
  private func checkSpace(for trees: [Tree]) throws(Failure) {
    let needed = trees.reduce(0) { $1.entries.reduce($0) { $0 + $1.stored } } / 5 * 6
    let free = try Files.space(at: folder.path).free
    guard free >= UInt64(needed) else {
      throw Failure(
        .ioError, "\(domain): no space for a snapshot",
        why: "\(needed >> 20) MiB are needed below \(folder.path), \(free >> 20) MiB are free",
        next: "free space there, then repeat")
    }
  }

  private func save(_ volume: EngineVolume, _ tree: Tree, in place: String, verifies: Bool) async throws(Failure) -> SnapshotMeta.Volume {
    let tally = tally
    return try await blocking { () throws(Failure) in
      let (archive, indexName) = ("\(volume.name).tar.zst", "\(volume.name).index.json")
      let written = try ArchiveWriter(tree: tree, path: "\(place)/\(archive)", tally: tally).write()
      let index = try JSONCoding.encode(written.index)
      try Files.write(index, to: "\(place)/\(indexName)", mode: 0o600)
      if verifies {
        tally.begin("comparing \(volume.name)", bytes: written.bytes, files: written.files)
        let reader = ArchiveReader(path: "\(place)/\(archive)", index: written.index)
        try reader.check()
        try Self.compare(reader, with: tree.root, tally)
      }
      return SnapshotMeta.Volume(
        name: volume.name, labels: volume.labels, bytes: written.bytes, files: written.files, sockets: written.sockets, archive: archive,
        index: indexName, size: written.size, sha256: SHA256.hex(index))
    }
  }

  /// A source for rebuilding that costs no reading and no space. The archive stays the truth: nothing is kept where it does not work.
  private func keepTree(of volume: EngineVolume, in place: String) async throws(Failure) {
    let tally = tally
    try await blocking { () throws(Failure) in
      guard try TreeClone.isPossible(for: "\(place)/\(volume.name).tar.zst", probe: "\(place)/.probe") else { return }
      let tree = "\(place)/\(volume.name)\(ShelfFolder.tree)"
      try Files.createDirectory(tree, mode: 0o700)
      tally.begin("cloning \(volume.name)", bytes: 0, files: 0)
      if try TreeClone(source: TreeRoot(volume.mountpoint), target: TreeRoot(tree), tally: tally).copy() { return }
      try Files.removeTree(tree)
    }
  }

  /// `ioError` names the first differences.
  static func compare(_ reader: ArchiveReader, with root: TreeRoot, _ tally: Tally) throws(Failure) {
    let sink = TreeCompare(root: root, tally: tally)
    try reader.read(into: sink)
    let differences = try sink.differences()
    guard differences.isEmpty else {
      throw Failure(.ioError, "\(root.path): is not what the archive holds", why: differences.prefix(3).joined(separator: ", "))
    }
  }

  /// Everything below `place` is on disk: it becomes the truth, and what was it before goes.
  private func publish(_ place: String) throws(Failure) {
    if try Files.status(folder.snapshot) == nil {
      try Files.move(place, to: folder.snapshot)
      try Files.synchronize(directory: folder.path)
    } else {
      try Files.exchange(place, folder.snapshot)
      try Files.synchronize(directory: folder.path)
      try Files.removeTree(place)
    }
  }
}

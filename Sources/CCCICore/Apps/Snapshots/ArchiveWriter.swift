import CSys
import Glibc

/// Writes a directory into one archive: a pax tar in independent zstd frames. Format: `docs/snapshots.md`.
struct ArchiveWriter {
  let tree: Tree
  /// The archive; must not be there yet.
  let path: String
  let tally: Tally

  /// What was written.
  struct Written: Sendable {
    /// Everything but the root and sockets.
    var files: Int
    /// Lengths of all files, holes included, each inode once.
    var bytes: Int
    var sockets: Int
    var size: Int
    var index: ArchiveIndex
  }

  /// Each has 3 MB of buffers; with one more, 100 000 files took 64 MiB in all.
  static let threads = 7

  private var root: TreeRoot { tree.root }

  /// Blocks; the file is on disk when it returns. A file that changes meanwhile is `tryAgain`.
  func write() throws(Failure) -> Written {
    let sparse = try sparseMaps(tree.entries)
    let plan = ArchivePlan(tree.entries, sparse: sparse)
    let content = Self.bytes(of: tree.entries)
    tally.begin(
      "saving \(Files.split(path).name)", bytes: content - sparse.values.reduce(0) { $0 + $1.size - $1.stored }, files: plan.order.count)
    let target = try create()
    let line = FrameLine(count: plan.pieces.count)
    let number = target.number
    try Crew.work(Self.threads) { _ throws(Failure) in
      do throws(Failure) { try pack(plan, sparse, line, into: number) } catch {
        line.stop()
        throw error
      }
    }
    do { try target.synchronize() } catch { throw .file(path, "cannot be written", error) }
    let result = line.result
    return Written(
      files: plan.order.count - 1, bytes: content, sockets: plan.sockets, size: result.size, index: result.index)
  }

  /// Lengths of all files, each inode once.
  static func bytes(of entries: [TreeEntry]) -> Int {
    var seen: Set<UInt64> = []
    return entries.reduce(0) { sum, entry in
      guard entry.kind == .file, entry.links == 1 || seen.insert(entry.inode).inserted else { return sum }
      return sum + entry.size
    }
  }

  private func create() throws(Failure) -> Descriptor {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    // Past the page cache where the filesystem can: 2 GiB of copying are two seconds.
    var number = open(try Files.plain(path), flags, 0o600)
    guard number >= 0 else { throw .file(path, "cannot be created", .last) }
    let direct = csys_open_target(AT_FDCWD, path, 0, 1, 0)
    if direct >= 0 {
      close(number)
      number = direct
    }
    return Descriptor(owning: number)
  }

  /// Files with fewer bytes on disk than they are long.
  private func sparseMaps(_ entries: [TreeEntry]) throws(Failure) -> [[UInt8]: SparseMap] {
    let holed = entries.filter { $0.kind == .file && $0.size > 4096 && $0.stored < $0.size }
    let maps = Locked<[[UInt8]: SparseMap]>([:])
    try Crew.each(holed.count, threads: Self.threads) { index throws(Failure) in
      let entry = holed[index]
      let map = try opened(entry) { (file) throws(SystemError) in try SparseMap.of(file, size: entry.size) }
      if map.stored < entry.size { maps.withLock { $0[entry.path] = map } }
    }
    return maps.withLock { $0 }
  }

  private func pack(
    _ plan: ArchivePlan, _ sparse: [[UInt8]: SparseMap], _ line: FrameLine, into target: Int32
  ) throws(Failure) {
    let zstd = try Zstd()
    let raw = PageBuffer(capacity: ArchivePlan.pieceSize + (64 << 10))
    let buffer = PageBuffer(capacity: ArchivePlan.pieceSize + (64 << 10))
    while let index = line.claim() {
      (raw.count, buffer.count) = (0, 0)
      var frame = ArchiveIndex.Frame(offset: 0, size: 0, raw: 0, sha256: "", entry: 0, position: nil)
      switch plan.pieces[index] {
      case .entries(let range):
        frame.entry = range.lowerBound
        for number in range { try append(number, of: plan, sparse, to: raw) }
      case .content(let entry, let position, let count):
        (frame.entry, frame.position) = (entry, position)
        try appendContent(plan.order[entry], sparse[plan.order[entry].path], position, count, to: raw)
        raw.pad(to: 512)
      case .end:
        frame.entry = plan.order.count
        PaxWriter.appendEnd(to: raw)
      }
      try zstd.pack(raw.bytes, into: buffer)
      Zstd.pad(buffer, to: PageBuffer.page)
      (frame.size, frame.raw) = (buffer.count, raw.count)
      var hash = SHA256()
      hash.add(buffer.bytes)
      frame.sha256 = hash.hex
      guard let offset = line.place(index, size: buffer.count) else { return }
      frame.offset = offset
      try write(buffer, at: offset, to: target)
      line.deliver(frame)
    }
  }

  /// Headers, and the content of what is small.
  private func append(
    _ number: Int, of plan: ArchivePlan, _ sparse: [[UInt8]: SparseMap], to raw: PageBuffer
  ) throws(Failure) {
    var entry = ArchiveEntry(tree: plan.order[number], hardLink: plan.hardLinks[number])
    guard entry.hardLink == nil else {
      tally.add(bytes: 0, files: 1)
      return PaxWriter.append(entry, to: raw)
    }
    guard entry.tree.kind == .file else {
      do throws(SystemError) {
        entry.attributes = try Attributes.of(entry.tree.path, in: root)
        if entry.tree.kind == .symlink { entry.target = try root.target(of: entry.tree.path) }
      } catch { throw unreadable(entry.tree, error) }
      tally.add(bytes: 0, files: 1)
      return PaxWriter.append(entry, to: raw)
    }
    entry.sparse = sparse.isEmpty ? nil : sparse[entry.tree.path]
    entry.attributes = try opened(entry.tree) { (file) throws(SystemError) in
      entry.attributes = try Attributes.of(file)
      PaxWriter.append(entry, to: raw)
      if entry.content < ArchivePlan.large {
        try Self.read(file, entry.tree, entry.sparse, 0, entry.content, into: raw)
        raw.pad(to: 512)
      }
      return entry.attributes
    }
    tally.add(bytes: entry.content < ArchivePlan.large ? entry.content : 0, files: 1)
  }

  private func appendContent(
    _ tree: TreeEntry, _ map: SparseMap?, _ position: Int, _ count: Int, to raw: PageBuffer
  ) throws(Failure) {
    try opened(tree, direct: map == nil) { (file) throws(SystemError) in
      try Self.read(file, tree, map, position, count, into: raw)
    }
    tally.add(bytes: count, files: 0)
  }

  /// Opens a file, and sees to it that it is what the walk saw before `body` and after it.
  private func opened<Result>(
    _ tree: TreeEntry, direct: Bool = false, _ body: (Int32) throws(SystemError) -> Result
  ) throws(Failure) -> Result {
    do throws(SystemError) {
      let number = try root.reach(tree.path) { (folder, name) throws(SystemError) in
        var number = csys_open_source(folder, name, direct ? 1 : 0)
        if number == -EINVAL, direct { number = csys_open_source(folder, name, 0) }
        guard number >= 0 else { throw SystemError(-number) }
        return number
      }
      let file = Descriptor(owning: number)
      try Self.check(file, tree)
      let result = try body(file.number)
      try Self.check(file, tree)
      return result
    } catch { throw unreadable(tree, error) }
  }

  private static func check(_ file: borrowing Descriptor, _ tree: TreeEntry) throws(SystemError) {
    var facts = stat()
    guard fstat(file.number, &facts) == 0 else { throw SystemError.last }
    guard tree.isUnchanged(facts) else { throw SystemError(ESTALE) }
  }

  private func unreadable(_ tree: TreeEntry, _ error: SystemError) -> Failure {
    switch error.code {
    case ESTALE, ENOENT, ELOOP, EAGAIN:
      Failure(
        .tryAgain, "\(root.path)/\(tree.shown): changed while it was read",
        why: "somebody writes to the volume, though the app is undeployed",
        next: "find out who: lsof +D \(root.path)")
    default: root.failure(tree.path, "cannot be read", error)
    }
  }

  private static func read(
    _ file: Int32, _ tree: TreeEntry, _ map: SparseMap?, _ position: Int, _ count: Int, into raw: PageBuffer
  ) throws(SystemError) {
    let extents = map?.pieces(at: position, count: count) ?? [SparseMap.Extent(offset: position, count: count)]
    // A read past the page cache must be a multiple of blocks, and may end behind the end of the file.
    raw.reserve(count + PageBuffer.page)
    for extent in extents {
      var done = 0
      while done < extent.count {
        let rest = extent.count - done
        let isLarge = map == nil && tree.size >= ArchivePlan.large
        let wanted = isLarge ? (rest + PageBuffer.page - 1) / PageBuffer.page * PageBuffer.page : rest
        let got = pread(file, raw.end, wanted, off_t(extent.offset + done))
        if got < 0, errno == EINTR { continue }
        guard got >= 0 else { throw SystemError.last }
        guard got > 0 else { throw SystemError(ESTALE) }
        let taken = min(got, rest)
        done += taken
        raw.count += taken
      }
    }
  }

  private func write(_ buffer: PageBuffer, at offset: Int, to target: Int32) throws(Failure) {
    var done = 0
    while done < buffer.count {
      let count = pwrite(target, buffer.start + done, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .file(path, "cannot be written", count == 0 ? SystemError(ENOSPC) : .last) }
      done += count
    }
  }
}

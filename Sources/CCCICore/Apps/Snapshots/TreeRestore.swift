import CSys
import Glibc

/// Puts the entries of an archive into an empty directory, with everything that was kept of them.
final class TreeRestore: ArchiveSink {
  private let root: TreeRoot
  private let tally: Tally
  private let state = Monitor(State())

  private struct State {
    var folders: [ArchiveEntry] = []
    var links: [ArchiveEntry] = []
    var large: [Int: Large] = [:]
    var isOver = false
  }

  /// A file whose content comes in pieces.
  private final class Large: Sendable {
    let entry: ArchiveEntry
    /// By way of the page cache, and past it where that can be.
    let file: Int32
    let direct: Int32
    let missing: Locked<Int>

    init(entry: ArchiveEntry, file: Int32, direct: Int32) {
      (self.entry, self.file, self.direct) = (entry, file, direct)
      missing = Locked(entry.content)
    }

    deinit {
      close(file)
      if direct >= 0 { close(direct) }
    }
  }

  init(root: TreeRoot, tally: Tally) {
    self.root = root
    self.tally = tally
  }

  func take(_ found: PaxReader.Found, number: Int) throws(Failure) {
    let entry = found.entry
    do throws(SystemError) {
      switch entry.tree.kind {
      case .file where entry.hardLink == nil && found.isWhole: try makeFile(entry, found.content)
      case .file where entry.hardLink == nil: try beginFile(entry, number)
      default: try note(entry)
      }
    } catch { throw root.failure(entry.tree.path, "cannot be restored", error) }
    tally.add(bytes: found.content.count, files: 1)
  }

  /// Puts an entry there that comes from another directory of this filesystem.
  ///
  /// - Parameter file: for a file that is no further name of another: its content, of which all blocks will be shared.
  func place(_ entry: ArchiveEntry, sharing file: Int32 = -1) throws(SystemError) {
    if entry.tree.kind == .file, entry.hardLink == nil {
      let copy = Descriptor(owning: try create(entry.tree))
      let shared = entry.tree.size == 0 ? 0 : csys_share_blocks(copy.number, file)
      guard shared == 0 else { throw SystemError(-shared) }
      try finish(entry, copy.number)
    } else {
      try note(entry)
    }
    tally.add(bytes: entry.content, files: 1)
  }

  /// What has no content; further names and folders are made, or finished, at the end.
  private func note(_ entry: ArchiveEntry) throws(SystemError) {
    switch entry.tree.kind {
    case _ where entry.hardLink != nil: state.change { $0.links.append(entry) }
    case .directory:
      try makeFolder(entry.tree.path)
      state.change { $0.folders.append(entry) }
    case .file, .symlink, .fifo, .character, .block, .socket: try makeNode(entry)
    }
  }

  func take(_ bytes: UnsafeRawBufferPointer, of number: Int, at position: Int) throws(Failure) {
    let large: Large?? = state.wait { state in state.isOver ? .some(nil) : state.large[number].map { .some($0) } }
    guard let large, let large else { return }
    let count = min(bytes.count, large.entry.content - position)
    guard count > 0 else { throw PaxReader.damaged("a file has more content than its header says") }
    do throws(SystemError) {
      try write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: large, at: position)
      let isWhole = large.missing.withLock { missing in
        missing -= count
        return missing == 0
      }
      if isWhole {
        try finish(large.entry, large.file)
        state.change { $0.large[number] = nil }
      }
    } catch { throw root.failure(large.entry.tree.path, "cannot be restored", error) }
    tally.add(bytes: count, files: 0)
  }

  func abandon() { state.change { $0.isOver = true } }

  /// Once all entries are there: further names of files, then owners, modes and times of folders, then everything to the disk.
  func finish() throws(Failure) {
    let (folders, links, unfinished) = state.change { ($0.folders, $0.links, $0.large.count) }
    guard unfinished == 0 else { throw PaxReader.damaged("content of \(unfinished) files is missing") }
    for link in links {
      guard let hardLink = link.hardLink else { continue }
      try doing(link.tree.path) { () throws(SystemError) in
        try root.reach(hardLink) { (folder, name) throws(SystemError) in
          try root.reach(link.tree.path) { (newFolder, newName) throws(SystemError) in
            if linkat(folder, name, newFolder, newName, 0) == 0 { return }
            guard errno == ENOENT else { throw SystemError.last }
            try makeParents(of: link.tree.path)
            guard linkat(folder, name, newFolder, newName, 0) == 0 else { throw SystemError.last }
          }
        }
      }
    }
    // The innermost first: what is done inside a folder moves its time.
    let inner = folders.sorted { $1.tree.path.lexicographicallyPrecedes($0.tree.path) }
    try Crew.each((inner.count + 63) / 64, threads: 8) { [self] chunk throws(Failure) in
      for folder in inner[(chunk * 64)..<min(inner.count, chunk * 64 + 64)] {
        try doing(folder.tree.path) { () throws(SystemError) in try finish(folder) }
      }
    }
    let synced = csys_sync_filesystem(root.number)
    guard synced == 0 else { throw root.failure([], "cannot be written to its disk", SystemError(-synced)) }
  }

  private func doing(_ path: [UInt8], _ body: () throws(SystemError) -> Void) throws(Failure) {
    do throws(SystemError) { try body() } catch { throw root.failure(path, "cannot be restored", error) }
  }

  // MARK: - Making

  private func makeFolder(_ path: [UInt8]) throws(SystemError) {
    if path.isEmpty { return }
    try making(path) { (folder, name) in mkdirat(folder, name, 0o700) == 0 || errno == EEXIST }
  }

  private func makeFile(_ entry: ArchiveEntry, _ content: UnsafeRawBufferPointer) throws(SystemError) {
    let file = Descriptor(owning: try create(entry.tree))
    if let sparse = entry.sparse {
      try fill(file.number, content, at: 0, sparse)
      guard ftruncate(file.number, off_t(sparse.size)) == 0 else { throw SystemError.last }
    } else {
      try Self.write(content, to: file.number, at: 0)
    }
    try finish(entry, file.number)
  }

  private func beginFile(_ entry: ArchiveEntry, _ number: Int) throws(SystemError) {
    let file = try create(entry.tree)
    var direct: Int32 = -1
    if entry.sparse == nil {
      // Writes past the page cache that do not grow the file need not wait for one another.
      let allocated = csys_allocate(file, Int64(entry.tree.size))
      direct = try root.reach(entry.tree.path) { (folder, name) throws(SystemError) in csys_open_target(folder, name, 0, 1, 0) }
      guard allocated == 0 else {
        close(file)
        if direct >= 0 { close(direct) }
        throw SystemError(-allocated)
      }
    }
    let large = Large(entry: entry, file: file, direct: direct)
    guard ftruncate(file, off_t(entry.tree.size)) == 0 else { throw SystemError.last }
    state.change { $0.large[number] = large }
  }

  private func makeNode(_ entry: ArchiveEntry) throws(SystemError) {
    let tree = entry.tree
    let target = entry.target.map { CChar(bitPattern: $0) } + [0]
    try making(tree.path) { (folder, name) in
      switch tree.kind {
      case .symlink: target.withUnsafeBufferPointer { $0.baseAddress.map { symlinkat($0, folder, name) == 0 } ?? false }
      case .fifo: mkfifoat(folder, name, 0o600) == 0
      case .character: mknodat(folder, name, S_IFCHR | 0o600, dev_t(tree.special)) == 0
      case .block: mknodat(folder, name, S_IFBLK | 0o600, dev_t(tree.special)) == 0
      case .file, .directory, .socket: false
      }
    }
    try finish(entry)
  }

  private func create(_ tree: TreeEntry) throws(SystemError) -> Int32 {
    do throws(SystemError) { return try opened(tree) } catch  where error.code == ENOENT {
      try makeParents(of: tree.path)
      return try opened(tree)
    }
  }

  /// With its mode where it belongs to us: each later change of an inode costs as much as a small write.
  private func opened(_ tree: TreeEntry) throws(SystemError) -> Int32 {
    let mode = tree.uid == geteuid() ? tree.mode & 0o777 : 0o600
    return try root.reach(tree.path) { (folder, name) throws(SystemError) in
      let number = csys_open_target(folder, name, 1, 0, mode)
      guard number >= 0 else { throw SystemError(-number) }
      return number
    }
  }

  private func making(_ path: [UInt8], _ body: (Int32, UnsafePointer<CChar>) -> Bool) throws(SystemError) {
    func attempt() throws(SystemError) {
      try root.reach(path) { (folder, name) throws(SystemError) in
        guard body(folder, name) else { throw SystemError.last }
      }
    }
    do throws(SystemError) { try attempt() } catch  where error.code == ENOENT {
      try makeParents(of: path)
      try attempt()
    }
  }

  /// The thread that has the folder's own entry may come later than we.
  private func makeParents(of path: [UInt8]) throws(SystemError) {
    for (index, byte) in path.enumerated() where byte == 47 {
      try root.reach(Array(path[..<index])) { (folder, name) throws(SystemError) in
        guard mkdirat(folder, name, 0o700) == 0 || errno == EEXIST else { throw SystemError.last }
      }
    }
  }

  // MARK: - Content

  private func write(_ bytes: UnsafeRawBufferPointer, to large: Large, at position: Int) throws(SystemError) {
    if let sparse = large.entry.sparse { return try fill(large.file, bytes, at: position, sparse) }
    let whole = large.direct >= 0 ? bytes.count / PageBuffer.page * PageBuffer.page : 0
    if whole > 0 { try Self.write(UnsafeRawBufferPointer(rebasing: bytes[..<whole]), to: large.direct, at: position) }
    try Self.write(UnsafeRawBufferPointer(rebasing: bytes[whole...]), to: large.file, at: position + whole)
  }

  private func fill(_ file: Int32, _ bytes: UnsafeRawBufferPointer, at position: Int, _ sparse: SparseMap) throws(SystemError) {
    var place = 0
    for extent in sparse.pieces(at: position, count: bytes.count) {
      try Self.write(UnsafeRawBufferPointer(rebasing: bytes[place..<place + extent.count]), to: file, at: extent.offset)
      place += extent.count
    }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int) throws(SystemError) {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let count = pwrite(file, base + done, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw count == 0 ? SystemError(ENOSPC) : .last }
      done += count
    }
  }

  // MARK: - What is not content

  /// In this order: a change of owner clears set-uid and capabilities, and any change but the last moves the time.
  private func finish(_ entry: ArchiveEntry, _ file: Int32) throws(SystemError) {
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw SystemError.last }
    let (uid, gid, mode) = (entry.tree.uid, entry.tree.gid, entry.tree.mode)
    let isOwned = facts.st_uid == uid && facts.st_gid == gid
    if !isOwned, fchown(file, uid, gid) != 0 { throw SystemError.last }
    if !isOwned || facts.st_mode & 0o7777 != mode, fchmod(file, mode) != 0 { throw SystemError.last }
    try entry.attributes.set(on: entry.tree.path, in: root)
    let times = Self.times(entry.tree)
    guard futimens(file, times) == 0 else { throw SystemError.last }
  }

  private func finish(_ entry: ArchiveEntry) throws(SystemError) {
    let tree = entry.tree
    try root.reach(tree.path) { (folder, name) throws(SystemError) in
      guard fchownat(folder, name, tree.uid, tree.gid, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError.last }
      if tree.kind != .symlink {
        guard fchmodat(folder, name, tree.mode, 0) == 0 else { throw SystemError.last }
      }
    }
    try entry.attributes.set(on: tree.path, in: root)
    let times = Self.times(tree)
    try root.reach(tree.path) { (folder, name) throws(SystemError) in
      guard utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError.last }
    }
  }

  /// Access time as the content's: the archive does not keep it.
  private static func times(_ tree: TreeEntry) -> [timespec] {
    let time = timespec(tv_sec: tree.seconds, tv_nsec: tree.nanoseconds)
    return [time, time]
  }
}

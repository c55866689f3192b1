import CSys
import Glibc

/// Copies a directory into an empty one of the same filesystem, whose files share their blocks with the original until one is written to. Only
/// where the filesystem can: btrfs, XFS, bcachefs, ZFS.
struct TreeClone {
  let source: TreeRoot
  let target: TreeRoot
  let tally: Tally

  /// Whether files below the directory of this one, of at least a block, can share blocks at all.
  ///
  /// - Parameter probe: a name that is free; it is gone afterwards.
  static func isPossible(for file: String, probe: String) throws(Failure) -> Bool {
    let source = open(try Files.plain(file), O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw .file(file, "cannot be read", .last) }
    defer { close(source) }
    let target = open(try Files.plain(probe), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard target >= 0 else { throw .file(probe, "cannot be created", .last) }
    defer { close(target) }
    let shared = csys_share_blocks(target, source)
    try Files.remove(probe)
    return shared == 0
  }

  /// Blocks. False, with a part of it done, when the two cannot share blocks.
  func copy() throws(Failure) -> Bool {
    let plan = ArchivePlan(try TreeWalk.entries(of: source), sparse: [:])
    let sink = TreeRestore(root: target, tally: tally)
    let isRefused = Locked(false)
    // Further names of files and folders come behind what they need, and are only noted here.
    try Crew.each((plan.order.count + 255) / 256, threads: ArchiveWriter.threads) { chunk throws(Failure) in
      for number in (chunk * 256)..<min(plan.order.count, chunk * 256 + 256) where !isRefused.withLock({ $0 }) {
        let tree = plan.order[number]
        do throws(SystemError) {
          try copy(ArchiveEntry(tree: tree, hardLink: plan.hardLinks[number]), into: sink)
        } catch {
          guard [EXDEV, EOPNOTSUPP, EINVAL].contains(error.code), tree.kind == .file else {
            throw source.failure(tree.path, "cannot be copied to \(target.path)", error)
          }
          isRefused.withLock { $0 = true }
        }
      }
    }
    guard !isRefused.withLock({ $0 }) else { return false }
    try sink.finish()
    return true
  }

  private func copy(_ found: ArchiveEntry, into sink: TreeRestore) throws(SystemError) {
    var entry = found
    guard entry.hardLink == nil else { return try sink.place(entry) }
    guard entry.tree.kind == .file else {
      entry.attributes = try Attributes.of(entry.tree.path, in: source)
      if entry.tree.kind == .symlink { entry.target = try source.target(of: entry.tree.path) }
      return try sink.place(entry)
    }
    let number = try source.reach(entry.tree.path) { (folder, name) throws(SystemError) in
      let number = csys_open_source(folder, name, 0)
      guard number >= 0 else { throw SystemError(-number) }
      return number
    }
    let file = Descriptor(owning: number)
    entry.attributes = try Attributes.of(file.number)
    try sink.place(entry, sharing: file.number)
  }
}

import CSys
import Glibc

/// Compares a directory with an archive, byte by byte and with everything that was kept of each entry. Changes nothing.
final class TreeCompare: ArchiveSink {
  private let root: TreeRoot
  private let tally: Tally
  private let state = Monitor(State())

  private struct State {
    var entries = 0
    var large: [Int: ArchiveEntry] = [:]
    var differences: [String] = []
    var isOver = false
  }

  init(root: TreeRoot, tally: Tally) {
    self.root = root
    self.tally = tally
  }

  /// What differs, `path: what`, sorted, at most twenty; call it when all entries were taken.
  func differences() throws(Failure) -> [String] {
    let there = try TreeWalk.entries(of: root).count { $0.kind != .socket }
    return state.change { state in
      if there != state.entries { state.differences.append("\(there) entries instead of \(state.entries)") }
      return Array(state.differences.sorted().prefix(20))
    }
  }

  func take(_ found: PaxReader.Found, number: Int) throws(Failure) {
    let entry = found.entry
    state.change { state in
      state.entries += 1
      if !found.isWhole { state.large[number] = entry }
    }
    do throws(SystemError) {
      try compare(entry)
      if entry.tree.kind == .file, entry.hardLink == nil, found.isWhole, !found.content.isEmpty { try compare(entry, found.content, at: 0) }
    } catch { differ(entry, error.words) }
    tally.add(bytes: found.content.count, files: 1)
  }

  func take(_ bytes: UnsafeRawBufferPointer, of number: Int, at position: Int) throws(Failure) {
    let entry: ArchiveEntry?? = state.wait { state in state.isOver ? .some(nil) : state.large[number].map { .some($0) } }
    guard let entry, let entry else { return }
    let count = min(bytes.count, entry.content - position)
    do throws(SystemError) {
      try compare(entry, UnsafeRawBufferPointer(rebasing: bytes[..<max(0, count)]), at: position)
    } catch { differ(entry, error.words) }
    tally.add(bytes: count, files: 0)
  }

  func abandon() { state.change { $0.isOver = true } }

  private func differ(_ entry: ArchiveEntry, _ what: String) {
    state.change { $0.differences.append("\(entry.tree.shown): \(what)") }
  }

  private func compare(_ entry: ArchiveEntry) throws(SystemError) {
    let facts = try look(entry.tree.path)
    if let hardLink = entry.hardLink {
      if try look(hardLink).inode != facts.inode { differ(entry, "is no other name of \(String(decoding: hardLink, as: UTF8.self))") }
      return
    }
    let tree = entry.tree
    if facts.kind != tree.kind { return differ(entry, "is a \(facts.kind), not a \(tree.kind)") }
    if tree.kind != .symlink, facts.mode != tree.mode {
      differ(entry, "mode \(String(facts.mode, radix: 8)), not \(String(tree.mode, radix: 8))")
    }
    if facts.uid != tree.uid || facts.gid != tree.gid { differ(entry, "owner \(facts.uid):\(facts.gid), not \(tree.uid):\(tree.gid)") }
    if facts.seconds != tree.seconds || facts.nanoseconds != tree.nanoseconds { differ(entry, "another time") }
    if tree.kind == .file, facts.size != tree.size { differ(entry, "\(facts.size) bytes, not \(tree.size)") }
    if tree.kind == .character || tree.kind == .block, facts.special != tree.special { differ(entry, "another device") }
    if tree.kind == .symlink, try target(of: tree.path) != entry.target { differ(entry, "points elsewhere") }
    let attributes = try Attributes.of(tree.path, in: root).items
    let kept = entry.attributes.items.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    if attributes != kept { differ(entry, "other extended attributes") }
  }

  private func look(_ path: [UInt8]) throws(SystemError) -> TreeEntry {
    try root.reach(path) { (folder, name) throws(SystemError) in
      var facts = stat()
      guard fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError.last }
      return TreeEntry(path: path, facts)
    }
  }

  private func target(of path: [UInt8]) throws(SystemError) -> [UInt8] {
    try root.reach(path) { (folder, name) throws(SystemError) in
      var bytes = [CChar](repeating: 0, count: 4096)
      let count = bytes.withUnsafeMutableBufferPointer { $0.baseAddress.map { readlinkat(folder, name, $0, 4096) } ?? -1 }
      guard count >= 0 else { throw SystemError.last }
      return bytes.prefix(count).map { UInt8(bitPattern: $0) }
    }
  }

  private func compare(_ entry: ArchiveEntry, _ bytes: UnsafeRawBufferPointer, at position: Int) throws(SystemError) {
    let file = try root.reach(entry.tree.path) { (folder, name) throws(SystemError) in csys_open_source(folder, name, 0) }
    guard file >= 0 else { throw SystemError(-file) }
    let open = Descriptor(owning: file)
    let extents = entry.sparse?.pieces(at: position, count: bytes.count) ?? [SparseMap.Extent(offset: position, count: bytes.count)]
    let chunk = 256 << 10
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: chunk, alignment: 16)
    defer { buffer.deallocate() }
    var place = 0
    for extent in extents {
      var done = 0
      while done < extent.count {
        let count = pread(open.number, buffer, min(chunk, extent.count - done), off_t(extent.offset + done))
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw SystemError.last }
        guard count > 0, let base = bytes.baseAddress, memcmp(base + place, buffer, count) == 0 else {
          return differ(entry, "other content")
        }
        done += count
        place += count
      }
    }
  }
}

/// Reads an archive to its end and counts: whether it can be unpacked, without unpacking it.
final class TreeCheck: ArchiveSink {
  private let state = Locked((files: 0, bytes: 0, missing: 0))
  private let tally: Tally

  init(tally: Tally) { self.tally = tally }

  /// Entries without the root, and lengths of files, each inode once. `badData` when content is missing.
  func counts() throws(Failure) -> (files: Int, bytes: Int) {
    let state = state.withLock { $0 }
    guard state.missing == 0 else { throw PaxReader.damaged("\(state.missing) bytes of content are missing") }
    return (state.files - 1, state.bytes)
  }

  func take(_ found: PaxReader.Found, number: Int) throws(Failure) {
    state.withLock { state in
      state.files += 1
      if found.entry.tree.kind == .file, found.entry.hardLink == nil { state.bytes += found.entry.tree.size }
      // Content is filled up to whole blocks; its pieces may come before their header.
      if !found.isWhole { state.missing += (found.entry.content + 511) / 512 * 512 }
    }
    tally.add(bytes: found.content.count, files: 1)
  }

  func take(_ bytes: UnsafeRawBufferPointer, of number: Int, at position: Int) throws(Failure) {
    state.withLock { $0.missing -= bytes.count }
    tally.add(bytes: bytes.count, files: 0)
  }

  func abandon() {}
}

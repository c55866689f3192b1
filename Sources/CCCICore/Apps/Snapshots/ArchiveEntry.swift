/// One entry of an archive: what stands in its headers.
struct ArchiveEntry: Sendable, Equatable {
  var tree: TreeEntry
  /// Where a symbolic link points, as it is.
  var target: [UInt8] = []
  /// Another name of an earlier entry, below the root; nil for everything that is there by itself.
  var hardLink: [UInt8]?
  var attributes = Attributes()
  var sparse: SparseMap?

  /// Bytes of file content in the archive, without the sparse map.
  var content: Int { hardLink != nil || tree.kind != .file ? 0 : sparse?.stored ?? tree.size }

  static func == (one: ArchiveEntry, other: ArchiveEntry) -> Bool {
    one.tree.path == other.tree.path && one.tree.kind == other.tree.kind && one.tree.mode == other.tree.mode
      && one.tree.uid == other.tree.uid && one.tree.gid == other.tree.gid && one.tree.size == other.tree.size
      && one.tree.seconds == other.tree.seconds && one.tree.nanoseconds == other.tree.nanoseconds && one.target == other.target
      && one.tree.special == other.tree.special && one.hardLink == other.hardLink && one.attributes == other.attributes
      && one.sparse == other.sparse
  }
}

/// A directory, and what was seen in it.
struct Tree: Sendable {
  let root: TreeRoot
  /// Everything, the root first.
  let entries: [TreeEntry]
}

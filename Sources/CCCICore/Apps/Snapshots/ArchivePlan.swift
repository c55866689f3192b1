/// In what order a tree goes into an archive, and how it is cut into pieces that threads read and pack by themselves.
struct ArchivePlan: Sendable, Equatable {
  /// What one thread does at a time; each piece becomes one frame.
  enum Piece: Sendable, Equatable {
    /// Headers, with the content of what is small. A large file's header is the last of its piece.
    case entries(Range<Int>)
    /// Content of one large file, from a byte of it on (holes not counted).
    case content(entry: Int, position: Int, count: Int)
    case end
  }

  /// Files in the order of inodes, then further names of what came before, then folders, the innermost first: whoever unpacks in this
  /// order gives a folder its time when nothing is put into it any more.
  var order: [TreeEntry] = []
  /// For further names: the path of the entry that they are another name of.
  var hardLinks: [Int: [UInt8]] = [:]
  var pieces: [Piece] = []
  /// Sockets, which no archive can hold.
  var sockets = 0

  /// What is at least this long is read in pieces of its own.
  static let large = 1 << 20
  /// So many bytes at most, but for headers.
  static let pieceSize = 1 << 20

  /// - Parameter entries: all of a tree, the root among them.
  static func make(_ entries: [TreeEntry], sparse: [[UInt8]: SparseMap]) -> ArchivePlan {
    var plan = ArchivePlan()
    // 100 000 entries are 11 MB: no copy more than needed.
    plan.order.reserveCapacity(entries.count)
    plan.arrange(entries.filter { $0.kind != .directory && $0.kind != .socket })
    plan.order += entries.filter { $0.kind == .directory }.sorted { $1.path.lexicographicallyPrecedes($0.path) }
    plan.sockets = entries.count - plan.order.count
    plan.cut(sparse)
    return plan
  }

  private mutating func arrange(_ unsorted: consuming [TreeEntry]) {
    var others = unsorted
    others.sort(by: Self.precedes)
    var first: [UInt64: Int] = [:]
    var again: [(entry: TreeEntry, of: [UInt8])] = []
    for entry in others {
      if entry.links > 1, let known = first[entry.inode] {
        again.append((entry, order[known].path))
      } else {
        if entry.links > 1 { first[entry.inode] = order.count }
        order.append(entry)
      }
    }
    for (entry, path) in again {
      hardLinks[order.count] = path
      order.append(entry)
    }
  }

  private static func precedes(_ one: TreeEntry, _ other: TreeEntry) -> Bool {
    one.inode == other.inode ? one.path.lexicographicallyPrecedes(other.path) : one.inode < other.inode
  }

  private mutating func cut(_ sparse: [[UInt8]: SparseMap]) {
    var begin = 0
    var filled = 0
    for (index, entry) in order.enumerated() {
      let content =
        hardLinks[index] != nil || entry.kind != .file ? 0 : sparse.isEmpty ? entry.size : sparse[entry.path]?.stored ?? entry.size
      if content >= Self.large {
        pieces.append(.entries(begin..<index + 1))
        pieces += stride(from: 0, to: content, by: Self.pieceSize).map {
          .content(entry: index, position: $0, count: min(Self.pieceSize, content - $0))
        }
        (begin, filled) = (index + 1, 0)
      } else {
        let more = 1536 + 2 * entry.path.count + (content + 511) / 512 * 512
        if begin < index, filled + more > Self.pieceSize {
          pieces.append(.entries(begin..<index))
          (begin, filled) = (index, 0)
        }
        filled += more
      }
    }
    if begin < order.count { pieces.append(.entries(begin..<order.count)) }
    pieces.append(.end)
  }
}

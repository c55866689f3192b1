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

  /// Entries of a tree in the order of the archive. They stay where they are: 100 000 of them are 11 MB.
  struct Order: RandomAccessCollection, Sendable, Equatable {
    fileprivate let entries: [TreeEntry]
    fileprivate var places: [Int32] = []

    var startIndex: Int { 0 }
    var endIndex: Int { places.count }
    subscript(number: Int) -> TreeEntry { entries[Int(places[number])] }
  }

  /// Files in the order of inodes, then further names of what came before, then folders, the innermost first: whoever unpacks in this
  /// order gives a folder its time when nothing is put into it any more.
  let order: Order
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
  init(_ entries: [TreeEntry], sparse: [[UInt8]: SparseMap]) {
    var order = Order(entries: entries)
    let others = Self.places(in: entries) { $0.kind != .directory && $0.kind != .socket }
    var first: [UInt64: Int32] = [:]
    var again: [(place: Int32, of: Int32)] = []
    for place in others.sorted(by: { Self.precedes(entries[Int($0)], entries[Int($1)]) }) {
      let entry = entries[Int(place)]
      if entry.links > 1, let known = first[entry.inode] {
        again.append((place, known))
      } else {
        if entry.links > 1 { first[entry.inode] = place }
        order.places.append(place)
      }
    }
    for (place, known) in again {
      hardLinks[order.count] = entries[Int(known)].path
      order.places.append(place)
    }
    let folders = Self.places(in: entries) { $0.kind == .directory }
    order.places += folders.sorted { entries[Int($1)].path.lexicographicallyPrecedes(entries[Int($0)].path) }
    sockets = entries.count - order.count
    self.order = order
    cut(sparse)
  }

  private static func places(in entries: [TreeEntry], _ matches: (TreeEntry) -> Bool) -> [Int32] {
    entries.indices.filter { matches(entries[$0]) }.map(Int32.init)
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

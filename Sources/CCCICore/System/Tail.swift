/// The last bytes of a stream of any length.
struct Tail: Sendable {
  private let limit: Int
  private var bytes: [UInt8] = []

  init(limit: Int = CommandResult.kept) { self.limit = limit }

  mutating func append(_ chunk: [UInt8]) {
    bytes += chunk
    // Not with every chunk: each cut moves all that is kept.
    if bytes.count > limit + limit / 4 { bytes.removeFirst(bytes.count - limit) }
  }

  /// At most `limit` bytes.
  var kept: [UInt8] { bytes.count > limit ? Array(bytes.suffix(limit)) : bytes }
}

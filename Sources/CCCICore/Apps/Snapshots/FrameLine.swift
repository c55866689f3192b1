/// The order of frames in an archive that many threads pack: each gets its place when those before it have theirs, and the checksum of the
/// whole is taken in that order. Bounds how many are in memory.
final class FrameLine: Sendable {
  fileprivate struct State {
    var claimed = 0
    var placed = 0
    var end = 0
    var frames: [ArchiveIndex.Frame] = []
    var waiting: [Int: PageBuffer] = [:]
    var hash = SHA256()
    var hashed = 0
    var isHashing = false
    var spare: [PageBuffer] = []
    var isOver = false
  }
  private let state: Monitor<State>
  private let count: Int
  private static let window = 12

  init(count: Int) {
    self.count = count
    state = Monitor(State())
  }

  /// The next piece to pack, with a buffer for its frame; nil when there is none left, or somebody failed.
  func claim() -> (index: Int, buffer: PageBuffer)? {
    let turn: (index: Int, buffer: PageBuffer)?? = state.wait { state in
      if state.isOver || state.claimed == self.count { return .some(nil) }
      guard state.claimed < state.hashed + Self.window else { return nil }
      let buffer = state.spare.popLast() ?? PageBuffer(capacity: ArchivePlan.pieceSize + (64 << 10))
      buffer.count = 0
      defer { state.claimed += 1 }
      return .some((state.claimed, buffer))
    }
    return turn ?? nil
  }

  /// Where the frame goes, once all before it know; nil when somebody failed.
  func place(_ index: Int, size: Int) -> Int? {
    let offset: Int?? = state.wait { state in
      if state.isOver { return .some(nil) }
      guard state.placed == index else { return nil }
      defer {
        state.placed += 1
        state.end += size
      }
      return state.end
    }
    return offset ?? nil
  }

  /// The frame stands in the archive. Takes checksums that are due.
  func deliver(_ index: Int, _ frame: ArchiveIndex.Frame, _ buffer: PageBuffer) {
    state.change { state in
      state.frames.append(frame)
      state.waiting[index] = buffer
    }
    while let (buffer, hash) = state.change({ $0.takeDue() }) {
      var more = hash
      more.add(buffer.bytes)
      let done = more
      state.change { state in
        state.hash = done
        state.hashed += 1
        state.isHashing = false
        state.spare.append(buffer)
      }
    }
  }

  /// Nobody goes on.
  func stop() { state.change { $0.isOver = true } }

  /// The whole archive, when all is delivered.
  var result: (index: ArchiveIndex, size: Int, sha256: String) {
    state.change { state in
      (ArchiveIndex(frames: state.frames.sorted { $0.offset < $1.offset }), state.end, state.hash.hex)
    }
  }
}

extension FrameLine.State {
  fileprivate mutating func takeDue() -> (PageBuffer, SHA256)? {
    guard !isHashing, let buffer = waiting.removeValue(forKey: hashed) else { return nil }
    isHashing = true
    return (buffer, hash)
  }
}

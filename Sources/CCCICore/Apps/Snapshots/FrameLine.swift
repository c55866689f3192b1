/// The order of frames in an archive that many threads pack: each gets its place when those before it have theirs.
final class FrameLine: Sendable {
  private struct State {
    var claimed = 0
    var placed = 0
    var end = 0
    var frames: [ArchiveIndex.Frame] = []
    var isOver = false
  }
  private let state: Monitor<State>
  private let count: Int

  init(count: Int) {
    self.count = count
    state = Monitor(State())
  }

  /// The next piece to pack; nil when there is none left, or somebody failed.
  func claim() -> Int? {
    state.change { state in
      guard !state.isOver, state.claimed < count else { return nil }
      defer { state.claimed += 1 }
      return state.claimed
    }
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

  /// The frame stands in the archive.
  func deliver(_ frame: ArchiveIndex.Frame) { state.change { $0.frames.append(frame) } }

  /// Nobody goes on.
  func stop() { state.change { $0.isOver = true } }

  /// The whole archive, when all is delivered.
  var result: (index: ArchiveIndex, size: Int) {
    state.change { state in (ArchiveIndex(frames: state.frames.sorted { $0.offset < $1.offset }), state.end) }
  }
}

/// What has been done so far: counted by the threads that do it, read by whoever shows it.
public final class Tally: Sendable {
  public struct Count: Sendable, Equatable {
    /// Of file content, without holes.
    public var bytes = 0
    public var files = 0
    /// What is to be done; 0 while that is not known.
    public var totalBytes = 0
    public var totalFiles = 0
    /// `reading notes_data`.
    public var doing = ""

    public init() {}
  }

  private let state = Locked(Count())

  public init() {}

  public var count: Count { state.withLock { $0 } }

  func begin(_ doing: String, bytes: Int, files: Int) {
    state.withLock { state in
      state = Count()
      state.doing = doing
      state.totalBytes = bytes
      state.totalFiles = files
    }
  }

  func add(bytes: Int, files: Int) {
    state.withLock { state in
      state.bytes += bytes
      state.files += files
    }
  }
}

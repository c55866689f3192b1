import Glibc

/// Notices that the process which started us has ended: the only word that a killed Drone step sends.
///
/// A handle of the parent, and not `PR_SET_PDEATHSIG`: that one fires when the parent's *thread* ends that started us.
public final class ParentWatch: Sendable {
  /// The process that started us.
  public let parent: Int32
  private let handle: ProcessHandle?

  /// Call it early: a parent that has gone before cannot be told from one that was never there.
  ///
  /// - Parameter body: called once, on a thread of the watch, when the parent has ended.
  public init(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    let parent = getppid()
    let handle = ProcessHandle(parent)
    self.parent = parent
    self.handle = handle
    let isStarted = PosixThread.start {
      // Between the two lines above the number may have come to mean another process: then ours has gone.
      if let handle, getppid() == parent { handle.waitUntilEnded() }
      body()
    }
    guard isStarted else { throw Failure(.ioError, "the parent process cannot be watched", why: "no thread to be had") }
  }

  /// True when the parent has ended.
  public var hasEnded: Bool { getppid() != parent || (handle?.hasEnded ?? true) }
}

import Glibc

/// A value that one thread at a time may touch. On pthread, because thread sanitizer misjudges `Synchronization.Mutex`.
public final class Locked<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  public init(_ value: sending Value) {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    self.value = value
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` alone. Not recursive; never wait for anything inside.
  public func withLock<Result, Problem: Error>(_ body: (inout Value) throws(Problem) -> Result) throws(Problem) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}

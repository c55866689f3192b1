import Glibc

/// Threads of our own, for what blocks: the pool of Swift's tasks has only as many as there are cores.
public enum PosixThread {
  /// Starts `body` on a new thread. False when the system gives us none; `body` is then not called.
  public static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 1 << 20)
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let problem = pthread_create(&thread, &attributes, enter, box.toOpaque())
    if problem != 0 { box.release() }
    return problem == 0
  }

  /// Waits for `body` without holding up a task thread; runs it in place when there is no thread to be had.
  public static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      let started = start { continuation.resume(returning: body()) }
      if !started { continuation.resume(returning: body()) }
    }
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
    if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
    return nil
  }
}

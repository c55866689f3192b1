import CCurl

/// The thread on which all transfers of one client run.
///
/// Requests wait in a queue of ours: libcurl 7.88 stalls for seconds when it is given more than its own connection limits allow.
final class HTTPLoop: @unchecked Sendable {
  enum Order {
    case start(HTTPTransfer)
    case cancel(HTTPTransfer)
    case stop
  }

  /// nil when the thread has ended, and `multi` is no more.
  private let inbox = Locked<[Order]?>([])
  private let multi: UnsafeMutableRawPointer
  // What follows is touched by the thread alone.
  private let perHost: Int
  private var active: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
  private var busy: [String: Int] = [:]
  private var waiting: [HTTPTransfer] = []

  /// Why libcurl cannot be used; nil when it can.
  private static let trouble = ccurl_load().map { String(cString: $0) }

  init(perHost: Int) throws(HTTPError) {
    if let trouble = Self.trouble { throw HTTPError(.noLibrary, trouble) }
    guard let multi = ccurl_multi_init() else { throw HTTPError(.broken, "libcurl cannot be set up") }
    CommandRunner.ignoringBrokenPipes
    self.multi = multi
    self.perHost = perHost
    guard PosixThread.start({ [self] in run() }) else { throw HTTPError(.broken, "no thread to be had") }
  }

  func submit(_ order: Order) {
    // Waking inside the lock: otherwise the thread may read `stop`, and free what is to be woken.
    inbox.withLock { orders in
      guard orders != nil else { return }
      orders?.append(order)
      ccurl_multi_wakeup(multi)
    }
  }

  private func run() {
    while obey() {
      var running: Int32 = 0
      ccurl_multi_perform(multi, &running)
      var code = CURLE_OK
      while let handle = ccurl_next_done(multi, &code) { finish(handle, code) }
      if admit() { continue }
      ccurl_multi_poll(multi, active.isEmpty ? 60_000 : 1_000)
    }
    ccurl_multi_cleanup(multi)
  }

  /// False when the client is gone: nobody waits for an answer any more.
  private func obey() -> Bool {
    let orders = inbox.withLock { orders in
      defer { orders = [] }
      return orders ?? []
    }
    for order in orders {
      switch order {
      case .start(let transfer): transfer.cancelled ? transfer.finish(.failure(.cancelled)) : waiting.append(transfer)
      case .cancel(let transfer): cancel(transfer)
      case .stop:
        inbox.withLock { $0 = nil }
        return false
      }
    }
    return true
  }

  /// Starts what may start; true when something did.
  private func admit() -> Bool {
    var admitted = false
    var left: [HTTPTransfer] = []
    for transfer in waiting {
      if transfer.isCounted, busy[transfer.lane, default: 0] >= perHost {
        left.append(transfer)
      } else {
        start(transfer)
        admitted = true
      }
    }
    waiting = left
    return admitted
  }

  private func start(_ transfer: HTTPTransfer) {
    guard let handle = transfer.prepare() else { return transfer.finish(.failure(HTTPError(.broken, "libcurl has no handle left"))) }
    guard ccurl_multi_add_handle(multi, handle) == CURLM_OK else {
      return transfer.finish(.failure(HTTPError(.broken, "libcurl does not take the request")))
    }
    active[handle] = transfer
    if transfer.isCounted { busy[transfer.lane, default: 0] += 1 }
  }

  private func finish(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
    guard let transfer = remove(handle) else { return }
    transfer.finish(transfer.result(code))
  }

  private func cancel(_ transfer: HTTPTransfer) {
    transfer.cancelled = true
    if let handle = transfer.handle, remove(handle) != nil { return transfer.finish(.failure(.cancelled)) }
    guard let place = waiting.firstIndex(where: { $0 === transfer }) else { return }
    waiting.remove(at: place)
    transfer.finish(.failure(.cancelled))
  }

  private func remove(_ handle: UnsafeMutableRawPointer) -> HTTPTransfer? {
    guard let transfer = active.removeValue(forKey: handle) else { return nil }
    ccurl_multi_remove_handle(multi, handle)
    if transfer.isCounted { busy[transfer.lane, default: 1] -= 1 }
    return transfer
  }
}

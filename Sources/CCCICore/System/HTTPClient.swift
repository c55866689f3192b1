/// HTTP by libcurl: one thread, kept connections, no redirects, no cookies, no proxies, `http` and `https` only.
///
/// A proxy in the environment is not obeyed: under Drone, build parameters become environment.
/// The thread starts with the first request and ends with the client. libcurl is loaded then, too: half of the start of a command that asks nobody.
public final class HTTPClient: Sendable {
  private let perHost: Int
  private let loop = Locked<HTTPLoop?>(nil)

  /// At most `perHost` requests at a time go to one host or socket, the others wait in their order; their time limits begin after the wait.
  /// Endless requests (`limit` nil) are not counted.
  public init(perHost: Int = 8) { self.perHost = perHost }

  deinit { loop.withLock { $0?.submit(.stop) } }

  /// See `Host.send`. Cancelling the task ends the transfer within milliseconds.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    if Task.isCancelled { throw .cancelled }
    let loop = try started()
    let transfer = try HTTPTransfer(request)
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.answer = continuation
        loop.submit(.start(transfer))
      }
    } onCancel: {
      loop.submit(.cancel(transfer))
    }.get()
  }

  private func started() throws(HTTPError) -> HTTPLoop {
    try loop.withLock { loop throws(HTTPError) in
      if let loop { return loop }
      let new = try HTTPLoop(perHost: perHost)
      loop = new
      return new
    }
  }
}

extension HTTPError {
  static let cancelled = HTTPError(.cancelled, "cancelled")
}

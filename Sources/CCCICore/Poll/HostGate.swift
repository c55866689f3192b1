import FoundationEssentials

/// Keeps requests from hosts that have not been answering, and remembers how they answer.
final class HostGate: Sendable {
  private let host: Host
  private let chance: @Sendable () -> Double
  private let health: Locked<[String: PollMemory.Health]>

  init(_ host: Host, _ health: [String: PollMemory.Health], chance: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }) {
    self.host = host
    self.chance = chance
    self.health = Locked(health)
  }

  /// The same host behind the gate.
  var gated: Host {
    var gated = host
    gated.send = { [self] (request) async throws(HTTPError) in try await send(request) }
    return gated
  }

  var now: [String: PollMemory.Health] { health.withLock { $0 } }

  /// Until when a URL's host is left alone; nil when it is not.
  func pause(_ url: String) -> PollMemory.Health? {
    let place = Self.place(url)
    let now = host.now()
    // After a step of the clock back, no pause is longer than the longest.
    return health.withLock { $0[place] }.flatMap { health in
      health.until.map { $0 > now && $0.timeIntervalSince(now) <= 480 } == true ? health : nil
    }
  }

  private func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    if let paused = pause(request.url) {
      throw HTTPError(.connect, "left alone for now: \(paused.says)")
    }
    do throws(HTTPError) {
      let response = try await host.send(request)
      if response.status == 429 || response.status >= 500 {
        fail(request, "answers \(response.status)", isSilent: response.status == 429)
      } else {
        health.withLock { _ = $0.removeValue(forKey: Self.place(request.url)) }
      }
      return response
    } catch {
      switch error.kind {
      case .resolve, .connect, .tls, .timeout, .broken, .noLibrary: fail(request, error.message, isSilent: true)
      case .tooLarge, .cancelled, .badRequest: break
      }
      throw error
    }
  }

  private func fail(_ request: HTTPRequest, _ says: String, isSilent: Bool) {
    let place = Self.place(request.url)
    let (now, chance) = (host.now(), chance())
    health.withLock { $0[place] = BackOff.failed($0[place], says, isSilent: isSilent, now: now, chance: chance) }
  }

  /// Scheme, host and port.
  static func place(_ url: String) -> String { url.split(separator: "/", maxSplits: 2).prefix(2).joined(separator: "//") }
}

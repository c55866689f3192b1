/// Whether an app answers over HTTPS, the way its users reach it: by its domain, through the proxy, over the host's wildcard certificate.
public struct Serving: Sendable {
  public let host: Host
  public let authorities: String?

  public init(host: Host, authorities: String?) {
    self.host = host
    self.authorities = authorities
  }

  /// What one request showed.
  public enum Answer: Sendable, Equatable {
    case status(Int, body: String)
    /// No HTTP answer at all.
    case none(HTTPError)
  }

  public func ask(_ url: String) async -> Answer {
    // However long the page is, its status counts: only its beginning is kept.
    let start = Locked<[UInt8]>([])
    let keep: @Sendable ([UInt8]) -> Void = { chunk in start.withLock { $0 += chunk.prefix(max(0, 1000 - $0.count)) } }
    do throws(HTTPError) {
      let response = try await host.send(HTTPRequest(.get, url, authorities: authorities, limit: .seconds(10), onChunk: keep))
      return .status(response.status, body: String(String(decoding: start.withLock { $0 }, as: UTF8.self).prefix(200)))
    } catch {
      return .none(error)
    }
  }

  /// Asks until the answer is accepted or the limit has passed: every 100 ms at first, so that an app is noticed at once, every 500 ms after half a minute.
  ///
  /// - Returns: pass, or what the last answer showed.
  public func wait(_ url: String, ok: [Int], limit: Duration) async throws(Failure) -> Finding {
    let start = ContinuousClock.now
    while true {
      let finding = Self.judge(await ask(url), url: url, ok: ok)
      let passed = ContinuousClock.now - start
      if finding.outcome == .pass || passed >= limit { return finding }
      try await host.sleep(passed < .seconds(30) ? .milliseconds(100) : .milliseconds(500))
    }
  }

  /// traefik's answer for a name that it has no router for.
  static let proxyNotFound = "404 page not found"

  public static func judge(_ answer: Answer, url: String, ok: [Int]) -> Finding {
    switch answer {
    case .status(404, let body) where body.hasPrefix(proxyNotFound):
      return .fail(.routing, "routing: the proxy has no router for \(url): its own 404 page")
    case .status(let status, let body) where [502, 503, 504].contains(status):
      return .fail(.routing, "routing: \(url) answers \(status): the proxy reaches no app: \"\(start(of: body))\"")
    case .status(404, let body):
      return .fail(.routing, "\(url) answers 404, which is never accepted: \"\(start(of: body))\"")
    case .status(let status, let body):
      if ok.contains(status) { return .pass }
      return .fail(.routing, "\(url) answers \(status) instead of \(ok.map(String.init).joined(separator: " or ")): \"\(start(of: body))\"")
    case .none(let error):
      return error.kind == .tls
        ? .error(.infra, "\(url): the certificate is not trusted: \(error.message)")
        : .fail(.routing, "routing: \(url) does not answer: \(error.message)")
    }
  }

  private static func start(of body: String) -> String { String(body.prefix(80).map { $0.isNewline ? " " : $0 }) }
}

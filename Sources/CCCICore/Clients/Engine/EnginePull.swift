import FoundationEssentials

/// How the pull of one image ended.
public enum EnginePull: Sendable, Equatable {
  /// The registry had something newer, or we had nothing.
  case pulled
  /// It is here: up to date, or the registry did not give it but the host has it (an image that exists only locally).
  case present
  /// It is not here. The registry's own words: `toomanyrequests: You have reached your pull rate limit`.
  case failed(String)
}

extension Engine {
  /// Pulls one image by tag or digest. Fails only when the engine cannot be talked to: what the registry says is a result.
  ///
  /// `progress` gets a short line such as `3 of 5 layers` whenever it changes, on no particular thread.
  public func pull(
    _ reference: String, login: RegistryLogin? = nil, limit: Duration = .seconds(1800),
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws(Failure) -> EnginePull {
    let name = ImageName(reference)
    let query = EngineQuery().adding("fromImage", name.repository).adding("tag", name.tag)
    let state = Locked(PullProgress())
    var request = request(.post, "/images/create", query, limit: limit)
    if let login { request.headers.append((name: "X-Registry-Auth", value: try login.header())) }
    request.onChunk = { piece in
      let line: String? = state.withLock {
        let before = $0.summary
        $0.add(piece)
        return $0.summary == before ? nil : $0.summary
      }
      if let line { progress(line) }
    }
    let answer: HTTPResponse
    do {
      answer = try await host.send(request)
    } catch {
      throw .engineSilent(error, socket: socket, call: request)
    }
    let end = state.withLock {
      $0.finish()
      return $0
    }
    if end.upToDate { return .present }
    if answer.status < 400, end.complaint == nil { return .pulled }
    if try await hasImage(reference) { return .present }
    return .failed(end.complaint ?? "the engine answered \(answer.status)")
  }
}

/// Brings one message to one sink.
struct AlertCourier: Sendable {
  let host: Host
  let environment: [String: String]
  let authorities: String?

  /// A sink that does not answer by then has not taken the message.
  static let patience: Duration = .seconds(30)

  /// nil when the sink took it, else why not, in a few words that hold nothing the sink said: it may know secrets. Whatever keeps us from
  /// bringing it is that sink's failure: it must not silence the others. Only a cancel is thrown.
  ///
  /// - Parameter key: the same for every attempt, so that a sink may tell what it has already.
  func bring(_ message: [UInt8], key: String, to sink: AlertSettings.Sink) async throws(Failure) -> String? {
    do throws(Failure) {
      switch sink.way {
      case .command(let words): return try await run(words, message, key)
      case .post(let url, let tokenFile):
        let token = try tokenFile.map { (path) throws(Failure) in try TokenFile.read(path, key: "[alerts.\(sink.name)] token_file") }
        return try await post(url, token, message, key)
      }
    } catch {
      guard error != .cancelled else { throw error }
      return error.sentence
    }
  }

  private func run(_ words: [String], _ message: [UInt8], _ key: String) async throws(Failure) -> String? {
    var kept = environment.filter { ["PATH", "HOME", "LANG", "TMPDIR"].contains($0.key) }
    kept["CCCI_ALERT_ID"] = key
    let result = try await host.run(
      Command(words[0], Array(words.dropFirst()), environment: kept, input: message, limit: Self.patience, sweep: true))
    return switch result.status {
    case .exited(0): nil
    case .exited(let code): "exited with \(code)"
    case .signaled(let signal): "killed by signal \(signal)"
    case .timedOut: "no end in 30 s"
    }
  }

  private func post(_ url: String, _ token: String?, _ message: [UInt8], _ key: String) async throws(Failure) -> String? {
    var headers = [(name: "Content-Type", value: "application/json"), (name: "Idempotency-Key", value: key)]
    if let token { headers.append((name: "Authorization", value: "Bearer \(token)")) }
    do throws(HTTPError) {
      let response = try await host.send(
        HTTPRequest(.post, url, headers: headers, body: message, authorities: authorities, limit: Self.patience))
      return (200..<300).contains(response.status) ? nil : "answered \(response.status)"
    } catch {
      guard error.kind != .cancelled else { throw .cancelled }
      return "no answer: \(error.message)"
    }
  }
}

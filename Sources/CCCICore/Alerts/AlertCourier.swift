/// Brings one message to one sink.
struct AlertCourier: Sendable {
  let host: Host
  let environment: [String: String]
  let authorities: String?

  /// A sink that does not answer by then has not taken the message.
  static let patience: Duration = .seconds(30)

  /// nil when the sink took it, else why not, in a few words that hold nothing the sink said: it may know secrets.
  ///
  /// - Parameter key: the same for every attempt, so that a sink may tell what it has already.
  func bring(_ message: [UInt8], key: String, to sink: AlertSettings.Sink) async throws(Failure) -> String? {
    switch sink.way {
    case .command(let words): try await run(words, message, key)
    case .post(let url, let tokenFile): try await post(url, tokenFile, message, key)
    }
  }

  private func run(_ words: [String], _ message: [UInt8], _ key: String) async throws(Failure) -> String? {
    var kept = environment.filter { ["PATH", "HOME", "LANG", "TMPDIR"].contains($0.key) }
    kept["CCCI_ALERT_ID"] = key
    do throws(Failure) {
      let result = try await host.run(
        Command(words[0], Array(words.dropFirst()), environment: kept, input: message, limit: Self.patience, sweep: true))
      return switch result.status {
      case .exited(0): nil
      case .exited(let code): "exited with \(code)"
      case .signaled(let signal): "killed by signal \(signal)"
      case .timedOut: "no end in 30 s"
      }
    } catch {
      guard error.code == .config else { throw error }
      return error.sentence
    }
  }

  private func post(_ url: String, _ tokenFile: String?, _ message: [UInt8], _ key: String) async throws(Failure) -> String? {
    var headers = [(name: "Content-Type", value: "application/json"), (name: "Idempotency-Key", value: key)]
    if let tokenFile {
      headers.append((name: "Authorization", value: "Bearer \(try TokenFile.read(tokenFile, key: "[alerts.<sink>] token_file"))"))
    }
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

import FoundationEssentials

extension Host {
  /// The real world: programs, HTTP by one client, the system's clock.
  public static func live(_ http: HTTPClient = HTTPClient()) -> Host {
    Host(
      run: { command async throws(Failure) in try await CommandRunner.run(command) },
      send: { request async throws(HTTPError) in try await http.send(request) },
      now: { Date() },
      sleep: { duration async throws(Failure) in
        do {
          try await Task.sleep(for: duration)
        } catch {
          throw .cancelled
        }
      })
  }
}

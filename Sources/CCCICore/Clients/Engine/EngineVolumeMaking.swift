extension Engine {
  private struct NewVolume: Encodable {
    var name: String
    var labels: [String: String]

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
    }
  }

  /// Makes a local volume; one of that name that is there already is left as it is.
  public func createVolume(_ name: String, labels: [String: String]) async throws(Failure) -> EngineVolume {
    var request = request(.post, "/volumes/create", [:], limit: .seconds(30))
    request.headers = [(name: "Content-Type", value: "application/json")]
    request.body = try JSONCoding.line(NewVolume(name: name, labels: labels))
    let response = try await send(request)
    guard response.status < 400 else { throw .engineRefused(response, call: request) }
    return try JSONCoding.decode(EngineVolume.self, from: response.body, path: "docker engine: \(request.engineName)")
  }

  /// Every container, running or not and of whatever stack, that holds the volume.
  public func containers(holding volume: String) async throws(Failure) -> [EngineContainer] {
    let query = EngineQuery().filtered(["volume": [volume]]).adding("all", "1")
    return try await list(EngineContainer.self, "/containers/json", query).filter { container in
      container.mounts.contains { $0.type == "volume" && $0.name == volume }
    }
  }
}

/// An object of any kind, for its labels alone.
private struct Labelled: Decodable {
  var labels: [String: String]?
  var spec: Spec?

  struct Spec: Decodable {
    var labels: [String: String]?
    enum CodingKeys: String, CodingKey { case labels = "Labels" }
  }

  enum CodingKeys: String, CodingKey {
    case labels = "Labels"
    case spec = "Spec"
  }

  var stack: String? { (labels ?? spec?.labels)?[EngineLabel.stack] }
}

extension Engine {
  /// The names of all stacks of which a service, container, network or volume is there.
  public func stacks() async throws(Failure) -> Set<String> {
    var found: Set<String> = []
    for path in ["/services", "/networks"] {
      found.formUnion(try await list(Labelled.self, path).compactMap(\.stack))
    }
    found.formUnion(try await list(Labelled.self, "/containers/json", EngineQuery().adding("all", "1")).compactMap(\.stack))
    found.formUnion(try await volumes(named: "").compactMap { $0.labels[EngineLabel.stack] })
    return found
  }
}

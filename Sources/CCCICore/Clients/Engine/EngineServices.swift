extension Engine {
  /// Every service of a stack, sorted by name; empty for an unknown stack.
  public func services(stack: String) async throws(Failure) -> [ServiceState] {
    let query = EngineQuery.stack(stack).adding("status", "true")
    return try await list(ServiceWire.self, "/services", query).map(\.state).sorted { $0.name < $1.name }
  }

  /// The service of exactly that name (`<stack>_<service>`), or nil.
  public func service(_ name: String) async throws(Failure) -> ServiceState? {
    let query = EngineQuery().filtered(["name": [name]]).adding("status", "true")
    return try await list(ServiceWire.self, "/services", query).map(\.state).first { $0.name == name }
  }

  /// Removes a service by name or id with all its tasks; the containers go a little later.
  public func removeService(_ name: String) async throws(Failure) {
    try await delete("/services/\(EngineQuery.encoded(name))")
  }
}

public import FoundationEssentials

extension Engine {
  /// How many addresses of an overlay network the services and tasks of the swarm have.
  public func addressesInUse(network: String) async throws(Failure) -> Int {
    struct Use: Decodable {
      struct Service: Decodable {
        var address: String?
        var tasks: [Task]?

        enum CodingKeys: String, CodingKey {
          case address = "VIP"
          case tasks = "Tasks"
        }
      }
      struct Task: Decodable {}
      var services: [String: Service]?

      enum CodingKeys: String, CodingKey { case services = "Services" }
    }
    let use = try await find(Use.self, "/networks/\(EngineQuery.encoded(network))", ["verbose": "true"])
    return (use?.services ?? [:]).values.reduce(0) { $0 + ($1.address?.isEmpty == false ? 1 : 0) + ($1.tasks?.count ?? 0) }
  }

  /// When the tasks were created that are to run, on the whole swarm, and have no address yet.
  public func newTasks() async throws(Failure) -> [Date] {
    let tasks = try await list(TaskWire.self, "/tasks", EngineQuery().filtered(["desired-state": ["running"]]))
    return tasks.map { $0.state(health: nil) }.filter { $0.state == .new }.map(\.created)
  }
}

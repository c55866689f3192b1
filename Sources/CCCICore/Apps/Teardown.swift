/// Removes an app with everything that belongs to it, and proves by a list that nothing is left.
///
/// abra goes first, because it knows its own; whatever it leaves or refuses is removed through the engine. No step's failure ends the rest.
public struct Teardown: Sendable {
  public let host: Host
  public let engine: Engine
  /// nil where there is no checkout of the recipe to let abra work in: then the engine alone is asked.
  public let abra: Abra?
  public let env: String
  public let domain: AppDomain

  public init(host: Host, engine: Engine, abra: Abra?, env: String, domain: AppDomain) {
    self.host = host
    self.engine = engine
    self.abra = abra
    self.env = env
    self.domain = domain
  }

  /// How it went.
  public struct Report: Sendable, Equatable {
    /// What could not be removed.
    public var leftovers: [String] = []
    /// Steps that failed, though a later one may have made up for it.
    public var complaints: [String] = []
    public var isClean: Bool { leftovers.isEmpty }

    public mutating func add(_ other: Report) {
      leftovers += other.leftovers
      complaints += other.complaints
    }
  }

  /// Removes the app. Never throws: what went wrong is in the report.
  public func remove() async -> Report {
    var report = Report()
    await step(&report, "undeploy") { (report: inout Report) async throws(Failure) in try await undeploy(&report) }
    await step(&report, "volumes") { (report: inout Report) async throws(Failure) in try await removeVolumes(&report) }
    await step(&report, "secrets") { (report: inout Report) async throws(Failure) in try await removeSecrets(&report) }
    await step(&report, ".env") { (_: inout Report) async throws(Failure) in _ = try Files.remove(env) }
    do throws(Failure) {
      report.leftovers = try await Leftovers.list(of: domain, env: env, engine: engine).names
    } catch {
      report.leftovers = ["unknown: \(error.sentence)"]
    }
    return report
  }

  /// Stops the app and leaves its volumes, secrets and `.env`. Never throws.
  ///
  /// - Parameter graceful: containers may end by themselves, as their data will be used again; swarm kills them after their own grace period.
  public func stop(graceful: Bool) async -> Report {
    var report = Report()
    await step(&report, "undeploy") { (report: inout Report) async throws(Failure) in
      if graceful {
        for name in try await state().services { try await engine.removeService(name) }
        _ = try await gone(within: Self.patience, networksToo: true)
      }
      try await undeploy(&report)
    }
    do throws(Failure) {
      let left = try await state()
      report.leftovers = left.services + left.containers + left.networks
    } catch {
      report.leftovers = ["unknown: \(error.sentence)"]
    }
    return report
  }

  /// How long containers, networks and volumes may take to go when swarm is slow.
  static let patience: Duration = .seconds(60)

  /// The services go first, so that nothing is started again; then the containers, without grace. Swarm's own way takes 6 s for a container
  /// that stops at once, and a cold app's data is thrown away with it.
  private func undeploy(_ report: inout Report) async throws(Failure) {
    guard try await state().isRunning else { return }
    let isByAbra = await ask(&report, "app undeploy") { (abra) async throws(Failure) in try await abra.undeploy(domain) }
    if !isByAbra {
      for name in try await state().services { try await engine.removeService(name) }
    }
    for container in try await engine.containers(stack: domain.stack) { try await engine.removeContainer(container.id) }
    if try await gone(within: .seconds(10), networksToo: !isByAbra) { return }
    let left = try await state()
    report.complaints.append("still there after 10 s: \((left.services + left.containers + left.networks).joined(separator: ", "))")
    for name in left.services { try await engine.removeService(name) }
    for container in try await engine.containers(stack: domain.stack) { try await engine.removeContainer(container.id) }
    _ = try await gone(within: Self.patience, networksToo: true)
  }

  private func removeVolumes(_ report: inout Report) async throws(Failure) {
    guard try await !state().volumes.isEmpty else { return }
    _ = await ask(&report, "app volume remove") { (abra) async throws(Failure) in try await abra.removeVolumes(domain) }
    // A volume stays "in use" until the last container that held it has been cleaned up: up to 16 s were measured.
    let end = ContinuousClock.now + Self.patience
    while true {
      let volumes = try await state().volumes
      if volumes.isEmpty { return }
      var problem: Failure?
      for name in volumes {
        do throws(Failure) { try await engine.removeVolume(name) } catch { problem = error }
      }
      // The end counts for a volume too whose removal the engine accepts and which it lists all the same.
      guard ContinuousClock.now < end else {
        throw problem ?? Failure(.tryAgain, "volumes are listed still: \(volumes.joined(separator: ", "))")
      }
      try await host.sleep(.milliseconds(problem == nil ? 10 : 250))
    }
  }

  private func removeSecrets(_ report: inout Report) async throws(Failure) {
    if try await !state().secrets.isEmpty {
      _ = await ask(&report, "app secret remove") { (abra) async throws(Failure) in try await abra.removeSecrets(domain) }
    }
    let left = try await state()
    for name in left.secrets { try await engine.removeSecret(name) }
    for name in left.configs { try await engine.removeConfig(name) }
  }

  /// Whether abra did it. That it did not is a complaint, and the engine's turn.
  private func ask(
    _ report: inout Report, _ name: String, _ call: (Abra) async throws(Failure) -> Abra.Answer
  ) async -> Bool {
    guard let abra else { return false }
    do throws(Failure) {
      let answer = try await call(abra)
      if !answer.ok { report.complaints.append("abra \(name): \(answer.reason)") }
      return answer.ok
    } catch {
      report.complaints.append("abra \(name): \(error.sentence)")
      return false
    }
  }

  private func state() async throws(Failure) -> Leftovers { try await Leftovers.list(of: domain, env: env, engine: engine) }

  /// - Parameter networksToo: nobody else removes them; the engine refuses as long as something is on one.
  private func gone(within limit: Duration, networksToo: Bool) async throws(Failure) -> Bool {
    let end = ContinuousClock.now + limit
    while true {
      let left = try await state()
      guard left.isRunning else { return true }
      if networksToo, left.services.isEmpty, left.containers.isEmpty {
        for name in left.networks { try await remove(network: name) }
      }
      if ContinuousClock.now >= end { return false }
      try await host.sleep(.milliseconds(100))
    }
  }

  /// The engine refuses while something is on it, and for a moment, with a status of its own, while it takes it apart: asked again, or told by the
  /// final list.
  private func remove(network name: String) async throws(Failure) {
    do throws(Failure) { try await engine.removeNetwork(name) } catch { if error == .cancelled { throw error } }
  }

  private func step(_ report: inout Report, _ name: String, _ body: (inout Report) async throws(Failure) -> Void) async {
    do throws(Failure) { try await body(&report) } catch { report.complaints.append("\(name): \(error.sentence)") }
  }
}

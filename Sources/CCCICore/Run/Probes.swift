import FoundationEssentials
import Glibc

/// What shows that the app serves: its health path, and the probes of `[[ready]]`.
struct Probes: Sendable {
  let stage: Stage

  /// Waits until everything answers; a service that turns out to be looping ends the wait before its time.
  ///
  /// - Parameter since: the moment before the op, from which failures count.
  func serving(since: Date) async throws(Failure) -> Finding {
    try await stage.timed("ready") { () async throws(Failure) in
      let limit = stage.plan.settings.httpTimeout
      let first = await withTaskGroup(of: Result<Finding, Failure>?.self) { group in
        group.addTask {
          do throws(Failure) { return .success(try await answering()) } catch { return .failure(error) }
        }
        group.addTask { await stage.deployer.crashLoop(since: since, patience: stage.patience, within: limit).map { .success($0) } }
        defer { group.cancelAll() }
        while let ended = await group.next() {
          if let ended { return ended }
        }
        return .failure(.cancelled)
      }
      return try first.get()
    }
  }

  private func answering() async throws(Failure) -> Finding {
    let settings = stage.plan.settings
    let first = try await stage.serving.wait(stage.url + settings.healthPath, ok: settings.healthOK, limit: settings.httpTimeout)
    guard first.outcome == .pass else { return first }
    for probe in settings.ready {
      let finding = try await check(probe)
      guard finding.outcome == .pass else { return finding }
    }
    return .pass
  }

  private func check(_ probe: ReadyProbe) async throws(Failure) -> Finding {
    switch probe {
    case .http(let place, let ok):
      let filled = EnvTemplate.filled(place, domain: stage.domain, zone: stage.settings.host.zone, recipe: stage.recipe)
      return try await stage.serving.wait(
        filled.hasPrefix("/") ? stage.url + filled : filled, ok: ok, limit: stage.plan.settings.httpTimeout)
    case .tcp(let port, let times):
      return try await stable(port, times: times)
    }
  }

  /// A port of this host that accepts connections so many times in a row, a second apart: an old task may still hold it.
  private func stable(_ port: Int, times: Int) async throws(Failure) -> Finding {
    let end = ContinuousClock.now + stage.plan.settings.httpTimeout
    var row = 0
    while ContinuousClock.now < end {
      row = Self.accepts(port) ? row + 1 : 0
      if row >= times { return .pass }
      try await stage.host.sleep(.seconds(1))
    }
    return .fail(
      .routing, "tcp \(port): did not accept \(times) connections in a row within \(Int(stage.plan.settings.httpTimeout.seconds)) s")
  }

  private static func accepts(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
    }
  }
}

import FoundationEssentials

@testable import CCCICore

/// A forge with people, a runner, and pollers that die between any two of their effects.
final class PollSimulation: Sendable {
  struct Counts: Sendable {
    var passes = 0, crashes = 0, faults = 0, late = 0, refused = 0, locked = 0, hooks = 0, steps = 0, outages = 0
    var comments = 0, eligible = 0
  }

  let world: PollWorld
  let random: Locked<Fuzz.Generator>
  let counts = Locked(Counts())
  let steps = Locked<[String]>([])
  /// Chance of a fault for each request, and of a death for each effect.
  let faults: Locked<(fault: Double, death: Double)>
  /// The server refuses connections until then.
  let outage = Locked(0.0)
  /// Comments that must lead to a run, or be told of one that does the same.
  let eligible = Locked<[Int: String]>([:])
  let others = Locked<[Int]>([])

  static let repositories = (0..<6).map { "recipes/r\($0)" }

  init(seed: UInt64, repositories: [String] = PollSimulation.repositories) throws(Failure) {
    world = try PollWorld(repositories: repositories)
    random = Locked(Fuzz.Generator(seed: seed))
    faults = Locked((0.1, 0.008))
    for (index, slug) in Self.repositories.enumerated() {
      for pull in 1...4 { world.forge.open(slug, pull, sha: PollWorld.sha(index * 10 + pull)) }
    }
  }

  func chance(_ probability: Double) -> Bool { random.withLock { Double.random(in: 0..<1, using: &$0) } < probability }
  func number(_ range: ClosedRange<Int>) -> Int { random.withLock { Int.random(in: range, using: &$0) } }
  private func count(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }

  // MARK: a poller

  /// One process: dead once it has died, and then it does nothing more.
  final class Life: Sendable {
    let isDead = Locked(false)
    unowned let simulation: PollSimulation

    init(_ simulation: PollSimulation) { self.simulation = simulation }

    /// True when it is dead.
    func step() -> Bool {
      isDead.withLock { isDead in
        if !isDead, simulation.chance(simulation.faults.withLock { $0.death }) {
          isDead = true
          simulation.count { $0.crashes += 1 }
        }
        return isDead
      }
    }
  }

  func pass(only: String? = nil) async throws(Failure) {
    let life = Life(self)
    var host = world.forge.host
    host.send = { [self] request async throws(HTTPError) in
      if life.step() { throw .cancelled }
      let answer = faulty(request)
      if life.step() { throw .cancelled }
      return try answer.get()
    }
    let shelf = PollShelf(shelf: world.settings.host.shelf) { _ throws(Failure) in if life.step() { throw .cancelled } }
    count { $0.passes += 1 }
    do throws(Failure) { _ = try await world.pass(host, shelf).run(only: only) } catch {
      switch error.code {
      case .tryAgain:
        count { $0.locked += 1 }
        // Nothing here ever waits for long: the one that has the lock must have its turn.
        do { try await Task.sleep(for: .milliseconds(1)) } catch { throw .cancelled }
      case .stopped where life.isDead.withLock({ $0 }): break
      default: throw error
      }
    }
  }

  private func faulty(_ request: HTTPRequest) -> Result<HTTPResponse, HTTPError> {
    if world.forge.state.withLock({ $0.elapsed }) < outage.withLock({ $0 }) {
      count { $0.refused += 1 }
      return .failure(HTTPError(.connect, "connection refused"))
    }
    let fault = faults.withLock { $0.fault }
    // The one request that must not be made twice has the most trouble.
    let isBuild = request.method == .post && request.url.hasPrefix(FakeForge.drone)
    guard chance(isBuild ? fault * 5 : fault) else { return .success(world.forge.answer(request)) }
    count { $0.faults += 1 }
    switch isBuild ? number(0...9) : number(0...7) {
    case 0: return .success(HTTPResponse(status: 500))
    case 1: return .success(HTTPResponse(status: 429))
    case 2:
      // The answer says that it failed, and it did not.
      _ = world.forge.answer(request)
      return .success(HTTPResponse(status: 502, body: Array("<html>bad gateway</html>".utf8)))
    case 3:
      _ = world.forge.answer(request)
      wait(Double(number(1...75)))
      return .failure(HTTPError(.timeout, "timed out"))
    case 4:
      wait(Double(number(1...75)))
      return .failure(HTTPError(.timeout, "timed out"))
    case 5:
      _ = world.forge.answer(request)
      return .failure(HTTPError(.broken, "empty reply"))
    case 6 where request.method == .post, 8, 9:
      // It is still being worked at when nobody waits for it any more. A build even longer than it is searched for: then there are two.
      count { $0.late += 1 }
      let due = world.forge.state.withLock { $0.elapsed } + Double(number(1...(isBuild ? 400 : 50)))
      let forge = world.forge
      forge.state.withLock { state in
        state.late.append((due, { state in forge.perform(request, &state) }))
      }
      return .failure(HTTPError(.timeout, "timed out"))
    default: return .failure(HTTPError(.connect, "connection refused"))
    }
  }

  private func wait(_ seconds: Double) {
    world.forge.pass(seconds)
    do throws(Failure) { try world.beat() } catch { print(error.sentence) }
  }

  // MARK: people

  /// Something happens, or nothing.
  func event() {
    let slug = Self.repositories[number(0...(Self.repositories.count - 1))]
    let pull = number(1...3)
    switch number(0...19) {
    case 0...5:
      let flags = ["", "", "", " --quick", " --extra", " --tiers install", " --tiers install,upgrade"][number(0...6)]
      let id = world.forge.comment(slug, pull, "!testme\(flags)")
      eligible.withLock { $0[id] = world.key(id, slug, pull) }
      count { $0.comments += 1 }
    case 6: note(world.forge.comment(slug, pull, "!testme", by: FakeForge.stranger))
    case 7: note(world.forge.comment(slug, pull, "looks good"))
    case 8:
      let id = world.forge.comment(slug, pull, "hm")
      world.forge.pass(Double(number(1...90)))
      world.forge.edit(id, "!testme")
      note(id)
    case 9:
      // Pushed to after the comment, before anybody looks: it is refused. Nobody else asks there.
      let id = world.forge.comment(slug, 4, "!testme")
      world.forge.push(slug, 4, PollWorld.sha(1000 + id))
      note(id)
    case 10 where chance(0.3):
      let step = Double(number(-3600...3600))
      count { $0.steps += 1 }
      steps.withLock { $0.append("\(world.forge.state.withLock { $0.elapsed }): \(step)") }
      if chance(0.5) {
        world.forge.state.withLock { $0.serverStep += step }
      } else {
        world.forge.state.withLock { $0.localStep += step }
      }
    case 11 where chance(0.3):
      count { $0.outages += 1 }
      outage.withLock { $0 = world.forge.state.withLock { $0.elapsed } + Double(number(30...4000)) }
    default: break
    }
  }

  private func note(_ id: Int) { others.withLock { $0.append(id) } }

  /// So many passes with everything at once.
  func run(passes: Int) async throws {
    for _ in 0..<passes {
      world.forge.pass(Double(number(1...45)))
      if chance(0.03) { world.forge.pass(Double(number(100...7200))) }
      for _ in 0..<number(0...2) { event() }
      try world.runner(duration: Double(number(20...400)), verdict: [.green, .red, .unjudged][number(0...2)])
      switch number(0...9) {
      case 0:
        // Two pollers at once.
        async let one: Void = pass()
        async let other: Void = pass()
        _ = try await (one, other)
      case 1:
        // A webhook that is delivered twice.
        let slug = Self.repositories[number(0...5)]
        count { $0.hooks += 2 }
        async let one: Void = pass(only: slug)
        async let other: Void = pass(only: slug)
        _ = try await (one, other)
      default: try await pass()
      }
    }
  }

  /// What is known of a comment that became nothing.
  func story(of id: Int) throws -> String {
    let comment = world.forge.state.withLock { $0.comments[id] }
    let slug = comment.map { "\($0)" } ?? "no such comment"
    let known = try Self.repositories.compactMap { name in
      let parts = name.split(separator: "/").map(String.init)
      return try world.shelf.repository(owner: parts[0], repo: parts[1])
    }.map {
      "\($0.repo): cursor \($0.cursor), swept \($0.swept), seen \($0.seen["\(id)"]?.became ?? "not"), \($0.seen.count) seen"
    }
    return "\(slug); \(known.joined(separator: "; ")); steps \(steps.withLock { $0 }); feeds \(try world.shelf.memory().feeds)"
  }

  /// Everything works again: until nothing is left to do.
  func settle() async throws -> Int {
    faults.withLock { $0 = (0, 0) }
    outage.withLock { $0 = 0 }
    for pass in 1...3000 {
      world.forge.pass(31)
      try world.runner(duration: 20)
      try await self.pass()
      let isQuiet = world.forge.state.withLock { $0.builds.allSatisfy { $0.finished != nil } && $0.late.isEmpty }
      let memory = try world.shelf.memory()
      if try isQuiet && world.shelf.open().isEmpty && memory.hosts.isEmpty && memory.owed.isEmpty && pass > 5 { return pass }
    }
    return -1
  }
}

extension FakeForge {
  /// The effect of a request, without its answer.
  func perform(_ request: HTTPRequest, _ state: inout State) { _ = answer(request, &state) }
}

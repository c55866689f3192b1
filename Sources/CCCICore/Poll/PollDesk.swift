import FoundationEssentials

/// What every step of a pass works with.
struct PollDesk: Sendable {
  let settings: Settings
  let enrolment: Enrolment
  let host: Host
  let shelf: PollShelf
  let gitea: Gitea
  let drone: Drone
  /// cc-ci's own repository in Drone, `owner/name`.
  let repository: String
  let gate: HostGate
  let says: @Sendable (String) -> Void
  /// The memory of the pass, written at its end.
  let memory: Locked<PollMemory>
  /// nil until they are read.
  private let triggers = Locked<[Int: PollTrigger]?>(nil)
  /// What was asked of Drone in this pass already.
  let queue = Locked<(isAsked: Bool, rows: [DroneQueued], recipes: [Int: String])>((false, [], [:]))

  init(
    settings: Settings, host: Host, shelf: PollShelf, forgeToken: String, droneToken: String, memory: PollMemory,
    says: @escaping @Sendable (String) -> Void
  ) throws(Failure) {
    guard let forge = settings.forge.url, let drone = settings.drone.url else {
      throw Failure(.config, "settings: no git host or no Drone", next: "set url and token_file under [forge] and [drone]")
    }
    guard let repository = settings.drone.repository else {
      throw Failure(.config, "settings: drone: no repository", next: "repository = \"owner/cc-ci\" under [drone]")
    }
    self.settings = settings
    enrolment = try Enrolment(settings.forge)
    gate = HostGate(host, memory.hosts)
    self.host = gate.gated
    self.shelf = shelf
    gitea = Gitea(host: gate.gated, url: forge, token: forgeToken, authorities: settings.host.authorities)
    self.drone = Drone(host: gate.gated, url: drone, token: droneToken, authorities: settings.host.authorities)
    self.repository = repository
    self.memory = Locked(memory)
    self.says = says
  }

  var now: Date { host.now() }

  /// The triggers that are not answered yet, in the order of their comments. Read once: the pass holds the lock, and nobody else writes them.
  func open() throws(Failure) -> [PollTrigger] {
    if let known = triggers.withLock({ $0 }) { return known.values.sorted { $0.comment < $1.comment } }
    let found = try shelf.open()
    triggers.withLock { $0 = Dictionary(found.map { ($0.comment, $0) }) { first, _ in first } }
    return found
  }

  /// One of them as it stands now.
  func open(_ comment: Int) throws(Failure) -> PollTrigger? {
    _ = try open()
    return triggers.withLock { $0?[comment] }
  }

  /// Makes the state of a trigger durable.
  func write(_ trigger: PollTrigger) throws(Failure) {
    try shelf.write(trigger)
    triggers.withLock { $0?[trigger.comment] = trigger.state == .reported ? nil : trigger }
  }

  /// The host in trigger keys: without the scheme.
  var forgeName: String { gitea.url.split(separator: "/", maxSplits: 1).last.map { String($0.drop { $0 == "/" }) } ?? gitea.url }

  /// Where a recipe is cloned from. Never an address that a pull request names.
  func source(_ slug: String) -> String { "\(gitea.url)/\(slug).git" }

  /// Changes the memory's entry for one name; the trouble of a thing that works again goes.
  func note(_ name: String, _ failure: Failure?) {
    let now = now
    let isNew = memory.withLock { memory in
      let old = memory.troubles[name]
      memory.troubles[name] = failure.map { PollTrouble.next(old, $0, now: now) }
      return failure != nil && memory.troubles[name] != old
    }
    if isNew, let failure { says("\(failure.sentence); \(failure.hint)") }
  }
}

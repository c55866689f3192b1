import ArgumentParser
import FoundationEssentials

/// `ccci-poll status`.
struct PollStatusCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show repositories, what waits and runs, and what does not work with its remedy.")

  @Flag(help: "One JSON object.")
  var json = false

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    let start = try PollStart(tool)
    let status = try await PollStatus.read(start)
    tool.console.fact(json ? String(decoding: try JSONCoding.encode(status).dropLast(), as: UTF8.self) : status.text)
    return status.troubles.isEmpty ? .ok : .no
  }
}

/// Everything that an operator may want to know, at one moment.
struct PollStatus: Sendable, Equatable, Encodable {
  struct Repository: Sendable, Equatable, Encodable {
    var slug: String
    /// nil: never read.
    var cursor: Date?
    var trouble: PollTrouble?
    var statuses: Bool
  }

  struct Open: Sendable, Equatable, Encodable {
    var key: String
    var order: String
    var state: String
    var build: Int?
    var says: String
  }

  struct Queued: Sendable, Equatable, Encodable {
    var build: Int
    var status: String
    var machine: String
    var stuck: Bool
  }

  var passed: Date?
  var repositories: [Repository]
  var open: [Open]
  var queue: [Queued]
  /// What does not work, each with its remedy.
  var troubles: [String]
  var warnings: [String]

  static func read(_ start: PollStart) async throws(Failure) -> PollStatus {
    let enrolment = try Enrolment(start.settings.forge)
    let memory = try start.shelf.memory()
    var troubles = memory.troubles.sorted { $0.key < $1.key }.map { "\($0.key): \(words($0.value))" }
    for (host, health) in memory.hosts.sorted(by: { $0.key < $1.key }) {
      let until = health.until.map { ", asked again at \($0.formatted(.iso8601))" } ?? ""
      troubles.append("\(host): \(health.says), since \(health.since.formatted(.iso8601))\(until); look at that server")
    }
    var repositories: [Repository] = []
    for entry in enrolment.entries {
      let known = try start.shelf.repository(owner: entry.owner, repo: entry.repo)
      if let trouble = known?.trouble { troubles.append("\(entry.slug): \(words(trouble))") }
      repositories.append(
        Repository(slug: entry.slug, cursor: known?.cursor, trouble: known?.trouble, statuses: known?.statusesOff == nil))
    }
    let open = try start.shelf.open().map {
      Open(
        key: $0.key, order: "!\($0.order.verb.rawValue)\($0.order.flags)", state: $0.state.rawValue, build: $0.build,
        says: $0.history.last?.says ?? "")
    }
    var queue: [Queued] = []
    do throws(Failure) { queue = try await Self.queue(start) } catch {
      if error == .cancelled { throw error }
      troubles.append("queue: \(error.sentence); \(error.hint)")
    }
    return PollStatus(
      passed: memory.passed, repositories: repositories, open: open, queue: queue, troubles: troubles,
      warnings: enrolment.differences(from: try folders(start.settings)))
  }

  private static func words(_ trouble: PollTrouble) -> String {
    "\(trouble.says), since \(trouble.since.formatted(.iso8601)); \(trouble.hint)"
  }

  private static func queue(_ start: PollStart) async throws(Failure) -> [Queued] {
    let desk = try start.pass().desk()
    var rows = try await desk.drone.incomplete()
    if rows == nil { rows = BuildFollowing.rows(try await desk.drone.builds(desk.repository, page: 1), desk.repository) }
    return (rows ?? []).map {
      Queued(build: $0.build, status: $0.status.word, machine: $0.machine, stuck: QueuePlace.isWedged($0, desk.now))
    }
  }

  /// The recipes that have tests; nil without a `tests/`.
  private static func folders(_ settings: Settings) throws(Failure) -> [String]? {
    let path = settings.host.tests ?? "tests"
    guard try Files.status(path) != nil else { return nil }
    var found: [String] = []
    for name in try Files.list(path) where name != "ccci_test" && !name.hasPrefix(".") && !name.hasPrefix("_") {
      if try Files.status("\(path)/\(name)")?.kind == .directory { found.append(name) }
    }
    return found
  }

  var text: String {
    var lines = ["last pass  \(passed.map { $0.formatted(.iso8601) } ?? "never")", ""]
    let width = max(10, repositories.map(\.slug.count).max() ?? 0)
    lines.append("\(Self.column("repository", width))  read up to")
    for repository in repositories {
      let cursor = repository.cursor?.formatted(.iso8601) ?? "never"
      lines.append("\(Self.column(repository.slug, width))  \(cursor)\(repository.statuses ? "" : "  no commit statuses")")
    }
    lines += ["", open.isEmpty ? "no open triggers" : "open triggers"]
    lines += open.map { "  \($0.key)  \($0.order)  \($0.state)\($0.build.map { "  build \($0)" } ?? "")  \($0.says)" }
    lines += ["", queue.isEmpty ? "the queue is empty" : "queue"]
    lines += queue.map { "  build \($0.build)  \($0.status)  \($0.machine)\($0.stuck ? "  STUCK" : "")" }
    if !troubles.isEmpty { lines += ["", "does not work"] + troubles.map { "  \($0)" } }
    if !warnings.isEmpty { lines += ["", "warnings"] + warnings.map { "  \($0)" } }
    return lines.joined(separator: "\n")
  }

  private static func column(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
}

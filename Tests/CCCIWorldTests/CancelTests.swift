import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite("Cancelled builds", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct CancelTests {
  @Test("a cancel kills the step's shell and deletes its folder: the run tears down, and the next build waits for it")
  func cancelled() async throws {
    let host = try DroneHost(.own("drone"), capacity: 1)
    let first = try await World.ownPullRequest("notes")
    async let cancelled = host.build(1, first, cancel: true)
    let record = try await World.record("d1", of: host.place, when: "in its upgrade") { $0.phase == "upgrade" }
    let second = try await World.ownPullRequest("custom-html") + ["--tiers", "install"]
    try Files.write([], to: host.cancelFile(1))
    let next = try await host.build(2, second)
    #expect(try await cancelled.status == 137)
    #expect(next.status == 0, "\(next)")
    #expect(next.output.contains("waiting for a slot: held by run d1 (notes)"), "\(next)")
    let ended = try #require(try RunDirectory(runs: host.place.runs, id: "d1").readRecord())
    #expect(ended.phase == "finished", "not by itself, but \(ended.phase)")
    let begun = try #require(try RunDirectory(runs: host.place.runs, id: "d2").readRecord())
    #expect(begun.started >= (try #require(ended.finished)))
    let results = try World.results("d1", of: host.place)
    #expect(results.exitCode == 143 && results.flags.cleanTeardown, "\(results.reason)")
    #expect(record.apps.count == 1)
    #expect(try await World.traces(of: World.domain(first)).isEmpty)
  }

  @Test("a cancel of which only Drone's API knows ends the run too")
  func lostCancel() async throws {
    let host = try DroneHost(.own("lost"), capacity: 1)
    let stub = try await host.drone()
    try host.say("running", of: 3)
    let target = try await World.ownPullRequest("notes")
    async let build = host.build(3, target)
    _ = try await World.record("d3", of: host.place, when: "in its upgrade") { $0.phase == "upgrade" }
    try host.say("killed", of: 3)
    let run = try await build
    stub.cancel()
    #expect(run.status == 143, "\(run)")
    #expect(run.output.contains("build 3 was cancelled in Drone"), "\(run)")
    #expect(try World.results("d3", of: host.place).flags.cleanTeardown)
    #expect(try await World.traces(of: World.domain(target)).isEmpty)
  }

  /// An installation whose runs are steps of Drone builds: under `DRONE=true` only the settings file counts.
  private struct DroneHost {
    let place: World.Installation

    private static let token = "drone-token-of-the-world"

    init(_ place: World.Installation, capacity: Int) throws {
      self.place = place
      try Files.createDirectory("\(place.folder)/builds")
      try Files.createDirectory("\(place.folder)/workspaces")
      try Files.write(Array(Self.token.utf8), to: "\(place.folder)/token", mode: 0o600)
      let world = String(decoding: try Files.read("\(World.folder)/settings.toml"), as: UTF8.self)
      var lines = world.split(separator: "\n").map(String.init).filter { line in
        !["shelf", "runs", "lock", "capacity"].contains { line.hasPrefix("\($0) = ") }
      }
      let host = try #require(lines.firstIndex(of: "[host]"))
      lines.insert(
        contentsOf: [
          "shelf = \"\(place.folder)/shelf\"", "runs = \"\(place.runs)\"", "lock = \"\(place.locks)\"", "tests = \"\(World.root)/tests\"",
        ],
        at: host + 1)
      let run = try #require(lines.firstIndex(of: "[run]"))
      lines.insert("capacity = \(capacity)", at: run + 1)
      try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: settings)
    }

    private var settings: String { "\(place.folder)/settings.toml" }

    func cancelFile(_ number: Int) -> String { "\(place.folder)/cancel-\(number)" }

    func say(_ status: String, of number: Int) throws {
      try Files.write(
        Array("{\"id\": 9\(number), \"number\": \(number), \"status\": \"\(status)\"}".utf8), to: "\(place.folder)/builds/\(number).json")
    }

    /// A Drone that answers for the builds; the task ends with it.
    func drone() async throws -> Task<Void, Never> {
      let (lines, sink) = AsyncStream<String>.makeStream()
      let command = Command(
        "/usr/bin/python3", ["-u", "\(World.root)/Tests/World/dronestub.py", "\(place.folder)/builds", Self.token],
        environment: ["PATH": "/usr/bin:/bin"],
        limit: .seconds(400)
      ) { _, chunk in sink.yield(String(decoding: chunk, as: UTF8.self)) }
      let task = Task { _ = try? await World.host.run(command) }
      var port = ""
      for await line in lines {
        port += line
        if port.contains("\n") { break }
      }
      let text = String(decoding: try Files.read(settings), as: UTF8.self)
      let address = "http://127.0.0.1:\(port.filter(\.isNumber))"
      try Files.write(
        Array("\(text)[drone]\nurl = \"\(address)\"\ntoken_file = \"\(place.folder)/token\"\npoll = \"500ms\"\n".utf8), to: settings)
      return task
    }

    /// One build by the exec runner's stand-in: its exit code, and the step's log as output.
    func build(_ number: Int, _ target: [String], cancel: Bool = false) async throws -> World.Outcome {
      let log = "\(place.folder)/log-\(number)"
      let words = [
        "/usr/bin/python3", "-I", "\(World.root)/Tests/World/execrunner.py", "--root", "\(place.folder)/workspaces", "--number",
        "\(number)",
        "--host-env", "CCCI_SETTINGS=\(settings)",
      ]
      let step = (["\(World.binaries)/ccci-run"] + target).joined(separator: " ")
      let line = (words + (cancel ? ["--cancel-file", cancelFile(number)] : [])).joined(separator: " ") + " '\(step)' >\(log) 2>&1"
      let result = try await World.host.run(Command("/bin/sh", ["-c", line], environment: World.environment(), limit: .seconds(300)))
      let status: Int32 = if case .exited(let code) = result.status { code } else { -1 }
      return World.Outcome(status: status, output: String(decoding: try Files.read(log), as: UTF8.self), error: "")
    }
  }
}

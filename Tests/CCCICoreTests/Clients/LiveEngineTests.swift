import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("The real engine", .enabled(if: hasWorld, "CCCI_WORLD_TESTS is not set"), .serialized, .timeLimit(.minutes(3)))
struct LiveEngineTests {
  @Test("it says who it is, and a socket that is not there says so")
  func identity() async throws {
    #expect(try await liveEngine.version().speaks("1.41"))
    #expect(try await liveEngine.info().isManager)
    await #expect(
      throws: Failure(
        .unavailable, "docker engine: does not answer on /run/no.sock", why: "no such socket", next: "start it: systemctl start docker")
    ) { try await Engine(host: liveEngine.host, socket: "/run/no.sock").version() }
  }

  @Test("a stack's objects are found by label and name, and can be removed")
  func objects() async throws {
    try await LiveStack.with("objects") { stack in
      let app = service("app", "echo hello; sleep 1000", more: "volumes: ['data:/data']")
      let before = try await stack.deploy(app + "\nvolumes: {data: {}}")
      _ = try await stack.watch(since: before).wait(until: .now + .seconds(60))
      #expect(try await liveEngine.service("\(stack.name)_app")?.running == 1)
      #expect(try await liveEngine.service("\(stack.name)_ap") == nil)
      let container = try #require(try await liveEngine.containers(stack: stack.name).first)
      #expect(container.serviceName == "\(stack.name)_app" && container.state == "running")
      let volume = try #require(try await liveEngine.volumes(named: "\(stack.name)_").first)
      #expect(try await liveEngine.volume(volume.name) == volume)
      #expect(try await liveEngine.volumes(stack: stack.name) == [volume])
      await #expect { try await liveEngine.removeVolume(volume.name) } throws: { ($0 as? Failure)?.code == .tryAgain }
      let network = try #require(try await liveEngine.networks(stack: stack.name).first)
      #expect(try await liveEngine.network(network.name)?.containers.keys.contains(container.name) == true)
      await #expect(throws: Failure.self) { try await liveEngine.removeNetwork(network.id) }
      #expect(try await liveEngine.logs("\(stack.name)_app", tail: 5) == "hello\n")
      #expect(try await liveEngine.logs(container: container.id, tail: 5) == "hello\n")
      #expect(try await liveEngine.logs(container.taskID ?? "", tail: 5) == "hello\n")
      #expect(try await liveEngine.logs("there-is-no-such-thing", tail: 5) == "")
      #expect(try await liveEngine.secrets(named: "\(stack.name)_").isEmpty)
      #expect(try await liveEngine.configs(named: "\(stack.name)_").isEmpty)
    }
  }

  @Test("an image that is here is present without a registry, and one that is nowhere failed in somebody's words")
  func pull() async throws {
    #expect(try await liveEngine.hasImage("ccci/busybox:1.36"))
    #expect(try await liveEngine.images().contains { $0.tags.contains("ccci/busybox:1.36") })
    #expect(try await liveEngine.pull("ccci/busybox:1.36") == .present)
    guard case .failed(let words) = try await liveEngine.pull("ccci/there-is-no-such-image:9") else { return #expect(Bool(false)) }
    #expect(!words.isEmpty)
  }

  @Test("events of our containers arrive at once")
  func events() async throws {
    try await LiveStack.with("events") { stack in
      let stream = liveEngine.events(since: Date())
      try await stack.deploy(service("app", "sleep 1000"))
      for await event in stream where event.concerns(stack: stack.name) && event.action == "start" {
        let late = Date().timeIntervalSince(event.time) * 1000
        print("event: \(late) ms after its time stamp")
        #expect(late < 1000)
        break
      }
    }
  }

  @Test("a look costs a few milliseconds")
  func latency() async throws {
    try await LiveStack.with("latency") { stack in
      let before = try await stack.deploy((1...3).map { service("s\($0)", "sleep 1000") }.joined(separator: "\n"))
      _ = try await stack.watch(since: before).wait(until: .now + .seconds(60))
      var times: [Double] = []
      for _ in 0..<100 {
        let start = ContinuousClock.now
        _ = try await liveEngine.view(stack: stack.name)
        times.append(Double(start.duration(to: .now).components.attoseconds) / 1e15)
      }
      let sorted = times.sorted()
      print("view of 3 services: min \(sorted[0]) ms, median \(sorted[50]) ms, worst \(sorted[99]) ms")
      #expect(sorted[50] < 100)
    }
  }
}

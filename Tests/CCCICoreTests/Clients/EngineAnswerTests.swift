import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Answers of a real daemon")
struct EngineAnswerTests {
  @Test("a service at rest has its counts, labels, mounts and template")
  func service() async throws {
    let view = try await recordedView("steady")
    #expect(view.services.map(\.shortName) == ["app", "job"])
    let app = try #require(view.service("app"))
    #expect(app.name == "enginetest-f_app" && app.mode == .replicated && app.desired == 1 && app.running == 1)
    #expect(app.image == "ccci/busybox:1.36" && app.hasHealthcheck && app.update == nil && app.version > 0)
    #expect(app.labels["coop-cloud.version"] == "1.0.0+1" && app.labels["backupbot.backup"] == nil)
    #expect(app.containerLabels["backupbot.backup"] == "true")
    #expect(app.mounts.contains(.init(type: "volume", source: "enginetest-f_data", target: "/data", readOnly: true)))
    #expect(app.mounts.contains(.init(type: "volume", source: "", target: "/cache")))
    #expect(app.networks.count == 1 && app.endpoint.contains("18231"))
    #expect(view.service("job").map { [$0.desired, $0.running] } == [0, 0])
  }

  @Test("a task has its state, container, addresses and health")
  func task() async throws {
    let view = try await recordedView("steady")
    let app = try #require(view.service("app"))
    let task = try #require(view.tasks(of: app).first)
    #expect(task.state == .running && task.desired == .running && task.slot == 1 && task.exitCode == nil && task.error.isEmpty)
    #expect(task.hasHealthcheck && task.healthy == true && task.containerID?.count == 64)
    #expect(task.attachments.map(\.network).sorted() == ["enginetest-f_internal", "ingress"])
    #expect(task.attachments.allSatisfy { $0.addresses.count == 1 })
    #expect(task.template == app.template && task.timestamp > task.created)
  }

  @Test("a container whose health is still open is neither healthy nor without a check")
  func starting() async throws {
    let view = try await recordedView("starting")
    #expect(view.tasks.map(\.state) == [.starting])
    #expect(view.tasks.map(\.healthy) == [false])
  }

  @Test("a failed task has its exit code and swarm's words, a living one has none")
  func failed() async throws {
    let view = try await recordedView("paused")
    #expect(view.tasks.map(\.state) == [.failed, .failed, .starting])
    #expect(view.tasks.map(\.exitCode) == [4, 4, nil])
    #expect(view.tasks.first?.error == "task: non-zero exit (4)")
  }

  @Test(
    "update states carry their start and message",
    arguments: [
      ("updating", "updating", "update in progress"), ("completed", "completed", "update completed"),
      ("rolled-back", "rollback_completed", "rollback completed"),
    ])
  func updates(situation: String, state: String, message: String) async throws {
    let update = try #require(try await recordedView(situation).service("app")?.update)
    #expect(update.state.rawValue == state && update.message == message && update.startedAt != nil)
    #expect((update.completedAt != nil) == (state != "updating"))
  }

  @Test("an update state that nobody knows is never taken for settled")
  func unknownUpdate() async throws {
    let text = String(decoding: try recording("completed.services.json"), as: UTF8.self).replacing(#""completed""#, with: #""dreaming""#)
    let services = try await FakeEngine(["GET /services": .json(text)]).engine.services(stack: "enginetest-f")
    #expect(services.first?.update?.state == .updating)
  }

  @Test("host, version, network, volumes and images are read")
  func others() async throws {
    let engine = FakeEngine([
      "GET /info": try .recorded("info.json"), "GET /version": try .recorded("version.json"), "GET /volumes": try .recorded("volumes.json"),
      "GET /networks/n": try .recorded("network.json"), "GET /images/json": try .recorded("images.json"),
    ]).engine
    let node = try await engine.info()
    #expect(node.isManager && node.swarm == "active" && node.rootDirectory == "/var/lib/docker" && node.storageDriver == "overlay2")
    #expect(try await engine.version().api == "1.41")
    let volume = try #require(try await engine.volumes(stack: "enginetest-f").first)
    #expect(volume.name == "enginetest-f_data" && volume.mountpoint == "/var/lib/docker/volumes/enginetest-f_data/_data")
    #expect(try await engine.volumes(named: "enginetest-f_").count == 1)
    #expect(try await engine.volumes(named: "netest-f_").isEmpty)
    let network = try #require(try await engine.network("n"))
    #expect(network.driver == "overlay" && network.scope == "swarm" && !network.attachable && network.subnets.count == 1)
    #expect(try await engine.network("other") == nil)
    #expect(try await engine.images().allSatisfy { $0.bytes > 0 && $0.tags.count == 1 && $0.digests.isEmpty })
  }

  @Test("a null listing is an empty one")
  func null() async throws {
    #expect(try await FakeEngine(["GET /services": .json("null\n")]).engine.services(stack: "x").isEmpty)
  }

  @Test("an answer without what we need names the call and the key")
  func unreadable() async {
    await #expect {
      try await FakeEngine(["GET /services": .json(#"[{"ID":"x","Spec":{}}]"#)]).engine.services(stack: "x")
    } throws: { error in
      (error as? Failure)?.code == .badData && (error as? Failure)?.sentence.contains("GET /services") == true
    }
  }
}

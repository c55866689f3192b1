import CCCICore
import Testing

@Suite("Snapshots on a real engine", .enabled(if: World.isUp, "CCCI_WORLD_TESTS is not set"), .timeLimit(.minutes(15)))
struct SnapTests {
  @Test("a deployed app is refused, an undeployed one is saved and put back, and a new secret makes the snapshot void")
  func refusal() async throws {
    let label = "warm-snap\(RandomID.hex(6))"
    let domain = "\(label).ci.localhost"
    let stack = AppDomain(domain).stack
    let (volume, secret) = ("\(stack)_data", "\(stack)_db_v1")
    let docker = { (words: String) in try await World.shell("docker", words.split(separator: " ").map(String.init)) }
    let engine = Engine(host: World.host, socket: "/var/run/docker.sock")
    let snap = { (words: String...) in try await World.run(words, command: "ccci-snap") }
    func tidy() async throws {
      for service in try await engine.services(stack: stack) { try await engine.removeService(service.name) }
      for _ in 0..<300 where try await !engine.containers(stack: stack).isEmpty { try await Task.sleep(for: .milliseconds(100)) }
      for name in try await engine.volumes(named: "\(stack)_") { try await engine.removeVolume(name.name) }
      for name in try await engine.secrets(named: "\(stack)_") { try await engine.removeSecret(name.id) }
      try Files.removeTree("\(World.folder)/shelf/\(label.dropFirst(5))")
      for alert in try Alerts(shelf: "\(World.folder)/shelf").waiting() where alert.alert.app == label.dropFirst(5) {
        _ = try Alerts(shelf: "\(World.folder)/shelf").acknowledge(alert.id)
      }
    }
    do {
      _ = try await docker("volume create --label com.docker.stack.namespace=\(stack) \(volume)")
      let make = Command(
        "sh", ["-c", "printf 'first' | docker secret create \(secret) -"], environment: World.environment(), limit: .seconds(30))
      #expect(try await World.host.run(make).ok)
      let data = try #require(try await engine.volume(volume)).mountpoint
      try Files.write(Array("known good".utf8), to: "\(data)/file")
      let target = [domain, "--recipe", "custom-html", "--version", "1.0.0+1.27.0"]
      let image = try await docker("image ls --format {{.Repository}}:{{.Tag}}").split(separator: "\n").first { $0.contains("nginx") }
      _ = try await docker(
        "service create --detach --name \(stack)_app --label com.docker.stack.namespace=\(stack) --container-label "
          + "com.docker.stack.namespace=\(stack) --mount type=volume,source=\(volume),target=/data \(try #require(image))")
      let refused = try await World.run(["create"] + target, command: "ccci-snap")
      #expect(refused.status == 75 && refused.error.contains("is deployed"), "\(refused)")
      #expect(try Files.status("\(World.folder)/shelf/\(label.dropFirst(5))/snapshot") == nil)
      _ = try await docker("service rm \(stack)_app")
      for _ in 0..<300 where try await !engine.containers(stack: stack).isEmpty { try await Task.sleep(for: .milliseconds(100)) }
      // Somebody's container that does not even run holds the volume.
      let holder = try await docker("create -v \(volume):/x \(try #require(image))").prefix { !$0.isNewline }
      #expect(try await World.run(["create"] + target, command: "ccci-snap").status == 75)
      _ = try await docker("rm \(holder)")
      let saved = try await World.run(["create", "--verify"] + target, command: "ccci-snap")
      #expect(saved.status == 0, "\(saved)")
      try Files.write(Array("spoilt".utf8), to: "\(data)/file")
      let restored = try await snap("restore", domain)
      #expect(restored.status == 0, "\(restored)")
      #expect(try Files.read("\(data)/file") == Array("known good".utf8))
      _ = try await docker("volume rm \(volume)")
      #expect(try await snap("restore", domain).status == 0)
      #expect(try await engine.volumes(stack: stack).map(\.name) == [volume])
      try await engine.removeSecret(secret)
      #expect(try await World.host.run(make).ok)
      let void = try await snap("restore", domain)
      #expect(void.status == 1 && void.error.contains("void"), "\(void)")
    } catch {
      try await tidy()
      throw error
    }
    try await tidy()
  }
}

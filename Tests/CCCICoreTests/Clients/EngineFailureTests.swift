import Glibc
import Testing

@testable import CCCICore

@Suite("When the engine does not help")
struct EngineFailureTests {
  private let call = HTTPRequest(.get, "http://engine/v1.41/services?filters=x", socket: "/run/docker.sock")

  @Test(
    "no answer says where and what to do",
    arguments: [
      (HTTPError.Kind.connect, Int32(0), ExitCode.unavailable, "docker engine: does not answer on /run/docker.sock: words"),
      (.connect, ENOENT, .unavailable, "docker engine: does not answer on /run/docker.sock: no such socket"),
      (.connect, EACCES, .denied, "docker engine: may not open /run/docker.sock: permission denied"),
      (.timeout, 0, .unavailable, "docker engine: no answer in time on /run/docker.sock: GET /services"),
      (.cancelled, 0, .stopped(signal: 15), "interrupted"),
    ])
  func silent(kind: HTTPError.Kind, reachable: Int32, code: ExitCode, sentence: String) {
    let failure = Failure.engineSilent(HTTPError(kind, "words"), socket: "/run/docker.sock", call: call, reachable: reachable)
    #expect(failure.code == code)
    #expect(failure.sentence == sentence)
    #expect(failure.next.isEmpty == (kind != .connect))
  }

  @Test(
    "an error status is quoted in the engine's words",
    arguments: [
      (409, "volume is in use - [abc]", ExitCode.tryAgain), (403, "network n has active endpoints", .tryAgain),
      (400, "rpc error: secret 's' is in use by the following service: a", .tryAgain), (400, "invalid filter", .bug),
      (503, "This node is not a swarm manager.", .config), (500, "oops", .unavailable), (401, "unauthorized", .denied),
      (404, "no such service", .noInput),
    ])
  func refused(status: Int, words: String, code: ExitCode) {
    let failure = Failure.engineRefused(.json(#"{"message":"\#(words)"}"#, status: status), call: call)
    #expect(failure.code == code)
    #expect(failure.sentence == "docker engine: GET /services was refused (\(status)): \(words)")
  }

  @Test("an error body that is no JSON is quoted by its start")
  func plain() {
    #expect(Failure.engineRefused(HTTPResponse(status: 500, body: Array("oops".utf8)), call: call).why == "oops")
  }

  @Test("what is gone counts as removed, what is not running as killed")
  func tolerant() async throws {
    let fake = FakeEngine(["POST /containers/c/kill": .json(#"{"message":"not running"}"#, status: 409)])
    try await fake.engine.removeService("x")
    try await fake.engine.removeVolume("a/b")
    try await fake.engine.removeSecret("s")
    try await fake.engine.removeConfig("c")
    try await fake.engine.removeNetwork("n")
    try await fake.engine.removeContainer("c")
    try await fake.engine.killContainer("c")
    #expect(fake.calls[1] == "DELETE /volumes/a%2Fb")
    #expect(fake.calls[5] == "DELETE /containers/c?force=1")
  }

  @Test("a volume in use is tried again")
  func inUse() async {
    let fake = FakeEngine(["DELETE /volumes/v": .json(#"{"message":"volume is in use"}"#, status: 409)])
    await #expect(throws: Failure(.tryAgain, "docker engine: DELETE /volumes/v was refused (409)", why: "volume is in use")) {
      try await fake.engine.removeVolume("v")
    }
  }

  @Test(
    "versions are compared by number, not by text",
    arguments: [("1.44", "1.52", false), ("1.12", "1.41", true), ("1.24", "1.9", false), ("1.41", "1.41", true)])
  func versions(oldest: String, newest: String, speaks: Bool) {
    #expect(EngineVersion(version: "29", api: newest, oldestAPI: oldest).speaks("1.41") == speaks)
  }
}

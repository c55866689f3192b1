import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Streams of the engine")
struct EngineStreamTests {
  private func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    let length = [24, 16, 8, 0].map { UInt8(bytes.count >> $0 & 255) }
    return [stream, 0, 0, 0] + length + bytes
  }

  @Test("log frames of both streams become one text")
  func demultiplexes() {
    let long = String(repeating: "x", count: 70_000)
    #expect(LogFrames.text(of: frame(1, "bye\n") + frame(2, "worse\n") + frame(1, long)) == "bye\nworse\n\(long)")
  }

  @Test("a frame that was cut off gives what is there")
  func cutOff() {
    #expect(LogFrames.text(of: frame(1, "one\n") + frame(2, "two\n").dropLast(2)) == "one\ntw")
  }

  @Test("a log without frames is taken as it is", arguments: ["plain text of a tty\r\n", "", "short", "\u{1}\u{1}not a frame"])
  func plain(text: String) {
    #expect(LogFrames.text(of: Array(text.utf8)) == text)
  }

  @Test("lines come out whole, however the pieces fall", arguments: 1...12)
  func lines(size: Int) {
    var lines = EngineLines()
    let found = Array("{\"a\":1}\r\n\n{\"b\":\"x\u{2028}y\"}\nrest".utf8).chunks(of: size).flatMap { lines.add($0) }
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == ["{\"a\":1}", "{\"b\":\"x\u{2028}y\"}"])
  }

  @Test("events of a real daemon are read with their time, task and update state")
  func events() throws {
    var lines = EngineLines()
    let events = try lines.add(Array(recording("events.jsonl"))).map { try JSONDecoder().decode(EngineEvent.self, from: Data($0)) }
    #expect(events.allSatisfy { $0.concerns(stack: "enginetest-f") && !$0.concerns(stack: "enginetest") })
    let states: [ServiceState.Update.State] = [
      .updating, .completed, .updating, .rollbackStarted, .rollbackCompleted, .updating, .paused,
    ]
    #expect(events.compactMap(\.updateState) == states)
    #expect(events.filter { $0.action == "die" }.compactMap(\.exitCode) == [137, 137, 3, 137, 4, 4])
    let start = try #require(events.first { $0.action == "start" })
    #expect(start.serviceName == "enginetest-f_app")
    #expect(start.taskID?.count == 25)
    #expect(events.contains { $0.action == "health_status: healthy" })
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
  }

  @Test("the stream of events asks for types and actions and takes up where it broke off")
  func subscription() async throws {
    let fake = FakeEngine(["GET /events": try .recorded("events.jsonl")])
    var count = 0
    for await _ in fake.engine.events(since: Date(timeIntervalSince1970: 1_795_222_000)) { count += 1 }
    #expect(count == 30)
    let call = try #require(fake.calls.first)
    #expect(call.hasPrefix("GET /events?since=1795222000.000000000&filters="))
    #expect(call.contains(EngineQuery.encoded(#""type":["container","service"]"#)))
  }
}

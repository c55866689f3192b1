import CCCICore
import FoundationEssentials

/// An engine that answers from a table of paths (without the version, with or without the query) and remembers what it was asked.
final class FakeEngine: Sendable {
  static let socket = "/run/fake.sock"
  private let answers: [String: HTTPResponse]
  private let silence: HTTPError?
  private let log = Locked<[String]>([])

  init(_ answers: [String: HTTPResponse] = [:], silence: HTTPError? = nil) {
    self.answers = answers
    self.silence = silence
  }

  var engine: Engine { Engine(host: host, socket: Self.socket) }
  /// `GET /services?…`, in order.
  var calls: [String] { log.withLock { $0 } }

  var host: Host {
    Host(
      run: { _ throws(Failure) in throw Failure(.bug, "no program here") },
      send: { request throws(HTTPError) in try self.answer(request) },
      now: { Date(timeIntervalSince1970: 1_800_000_000) },
      sleep: { _ throws(Failure) in throw .cancelled })
  }

  private func answer(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    if let silence { throw silence }
    let call = "\(request.method.rawValue) \(request.url.replacing("http://engine", with: "").replacing("/v1.41", with: ""))"
    log.withLock { $0.append(call) }
    let path = call.split(separator: "?")[0]
    let found = answers[call] ?? answers[String(path)] ?? .json(#"{"message":"page not found"}"#, status: 404)
    guard let onChunk = request.onChunk else { return found }
    for piece in found.body.chunks(of: 7) { onChunk(piece) }
    return HTTPResponse(status: found.status)
  }
}

extension HTTPResponse {
  static func json(_ text: String, status: Int = 200) -> HTTPResponse { HTTPResponse(status: status, body: Array(text.utf8)) }

  /// An answer that a real daemon gave (20.10.24, API 1.41).
  static func recorded(_ name: String) throws -> HTTPResponse { HTTPResponse(status: 200, body: Array(try recording(name))) }
}

/// A file of `Fixtures/engine`.
func recording(_ name: String) throws -> Data {
  let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
  return try Data(contentsOf: URL(filePath: "/\(tests)/Fixtures/engine/\(name)"))
}

/// The stack `enginetest-f` as it was recorded in one situation: `steady`, `updating`, `rolled-back`, `paused`, …
func recordedView(_ situation: String) async throws -> StackView {
  let fake = FakeEngine([
    "GET /services": try .recorded("\(situation).services.json"), "GET /tasks": try .recorded("\(situation).tasks.json"),
    "GET /containers/json": try .recorded("\(situation).containers.json"),
  ])
  return try await fake.engine.view(stack: "enginetest-f")
}

extension Array {
  func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}

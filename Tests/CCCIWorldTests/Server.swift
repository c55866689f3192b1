import CCCICore
import FoundationEssentials
import Glibc
import Testing

/// A stand-in for a server, with its control interface.
struct Server {
  let url: String
  let control: String
  let pid: Int32

  /// Options with which it speaks TLS.
  static var certificate: [String] { ["--certificate", "\(World.folder)/ca/wildcard.pem", "--key", "\(World.folder)/ca/wildcard.key"] }

  static func start(_ name: String, _ arguments: [String], in place: World.Installation) async throws -> Server {
    struct Hello: Decodable {
      var url: String
      var control: String
      var pid: Int32
    }
    try Files.createDirectory(place.folder)
    let hello = "\(place.folder)/\(name).json"
    let words = ["/usr/bin/python3", "-I", "\(World.root)/Tests/World/\(name)", "--stay"] + arguments
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    _ = try await World.shell("/bin/sh", ["-c", "setsid \(line) >'\(hello)' 2>'\(place.folder)/\(name).log' </dev/null &"])
    for _ in 0..<500 {
      let bytes = try Files.readIfPresent(hello) ?? []
      if bytes.contains(10) {
        let said = try JSONDecoder().decode(Hello.self, from: Data(bytes.prefix { $0 != 10 }))
        return Server(url: said.url, control: said.control, pid: said.pid)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw Failure(.timedOut, "\(name): did not begin", why: String(decoding: try Files.read("\(place.folder)/\(name).log"), as: UTF8.self))
  }

  func stop() { kill(pid, SIGTERM) }

  func tell(_ call: String, _ value: [String: Any]) async throws {
    let response = try await World.host.send(HTTPRequest(.post, "\(control)/\(call)", body: Array(Self.json(value).utf8)))
    #expect(response.status == 200, "\(call): \(response.text)")
  }

  func ask(_ call: String) async throws -> [UInt8] {
    let response = try await World.host.send(HTTPRequest(.get, "\(control)/\(call)"))
    #expect(response.status == 200, "\(call): \(response.text)")
    return response.body
  }

  private static func json(_ value: Any) -> String {
    switch value {
    case let text as String: return String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    case let flag as Bool: return flag ? "true" : "false"
    case let number as Int: return "\(number)"
    case let list as [Any]: return "[\(list.map(json).joined(separator: ","))]"
    case let map as [String: Any]: return "{\(map.map { "\(json($0.key)):\(json($0.value))" }.joined(separator: ","))}"
    default: return "null"
    }
  }
}

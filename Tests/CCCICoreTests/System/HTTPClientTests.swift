import CCCICore
import FoundationEssentials
import Testing

@Suite struct HTTPClientTests {
  struct Echo: Decodable {
    var method: String
    var headers: [String: String]
    var body: String
    var path: String
  }

  func echo(_ request: HTTPRequest, _ client: HTTPClient = HTTPClient()) async throws -> (Echo, HTTPResponse) {
    let response = try await client.send(request)
    return (try JSONCoding.decode(Echo.self, from: response.body, path: "echo"), response)
  }

  @Test(arguments: [
    (HTTPRequest.Method.get, nil, nil), (.delete, nil, nil), (.post, "a=b", "3"), (.post, nil, "0"), (.put, "x", "1"), (.put, nil, "0"),
    (.patch, "{}", "2"), (.delete, "why", "3"),
  ])
  func `each method arrives with its body and nothing added`(method: HTTPRequest.Method, body: String?, length: String?) async throws {
    let server = try await HTTPStandIn.shared()
    let (seen, response) = try await echo(
      HTTPRequest(method, "\(server.base)/echo?q=1", headers: [("X-Mine", "yes"), ("X-Nothing", "")], body: body.map { Array($0.utf8) }))
    #expect(response.status == 200)
    #expect(seen.method == method.rawValue && seen.body == body ?? "" && seen.path == "/echo?q=1")
    #expect(seen.headers["content-length"] == length)
    #expect(seen.headers["x-mine"] == "yes" && seen.headers["x-nothing"] == "" && seen.headers["user-agent"] == "cc-ci")
    #expect(seen.headers["content-type"] == nil && seen.headers["expect"] == nil)
  }

  @Test func `header names are lower case and repeated ones kept in order`() async throws {
    let server = try await HTTPStandIn.shared()
    let (_, response) = try await echo(HTTPRequest(.get, "\(server.base)/echo"))
    #expect(response.headers.filter { $0.name == "x-two" }.map(\.value) == ["1", "2"])
    #expect(response.header("X-Empty") == "")
    #expect(response.header("absent") == nil)
  }

  @Test func `a large body arrives whole`() async throws {
    let server = try await HTTPStandIn.shared()
    let body = String(repeating: "abcdefgh", count: 50_000)
    #expect(try await echo(HTTPRequest(.post, "\(server.base)/echo", body: Array(body.utf8))).0.body == body)
  }

  @Test func `head, redirect and any status are answers`() async throws {
    let server = try await HTTPStandIn.shared()
    let client = HTTPClient()
    let head = try await client.send(HTTPRequest(.head, "\(server.base)/big"))
    #expect(head.status == 200 && head.body.isEmpty && head.header("content-length") == "5000000")
    let redirect = try await client.send(HTTPRequest(.get, "\(server.base)/redirect"))
    #expect(redirect.status == 302 && redirect.header("location") == "/echo")
    let missing = try await client.send(HTTPRequest(.get, "\(server.base)/none"))
    #expect(missing.status == 404 && missing.text == "nothing here")
  }

  @Test func `one connection serves requests one after the other`() async throws {
    let server = try await HTTPStandIn.shared()
    let client = HTTPClient()
    var ports: Set<String> = []
    for _ in 0..<10 { ports.insert(try await client.send(HTTPRequest(.get, "\(server.base)/port")).text) }
    #expect(ports.count == 1)
  }

  @Test(arguments: [1, 4])
  func `no more requests than allowed are with one host at a time`(cap: Int) async throws {
    let server = try await HTTPStandIn.shared()
    let client = HTTPClient(perHost: cap)
    let most = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<12 { group.addTask { Int(try await client.send(HTTPRequest(.get, "\(server.base)/busy?\(cap)")).text) ?? 0 } }
      return try await group.max()
    }
    #expect(most == cap)
  }

  @Test func `a name below localhost is this machine`() async throws {
    let server = try await HTTPStandIn.shared()
    let base = server.base.replacing("127.0.0.1", with: "app-123.ci.localhost")
    #expect(try await echo(HTTPRequest(.get, "\(base)/echo")).0.headers["host"]?.hasPrefix("app-123.ci.localhost:") == true)
  }

  @Test func `a unix socket is spoken to`() async throws {
    let folder = try TemporaryFolder()
    let server = try await HTTPStandIn(socket: folder("engine.sock"))
    let client = HTTPClient()
    for _ in 0..<3 {
      let (seen, _) = try await echo(HTTPRequest(.post, "http://engine/echo", body: [65], socket: folder("engine.sock")), client)
      #expect(seen.body == "A" && seen.headers["host"] == "engine")
    }
    withExtendedLifetime(server) {}
  }

  @Test func `a stream arrives in pieces and ends with the task`() async throws {
    let server = try await HTTPStandIn.shared()
    let client = HTTPClient()
    let (chunks, sink) = AsyncStream<[UInt8]>.makeStream()
    let task = Task {
      try await client.send(HTTPRequest(.get, "\(server.base)/stream", limit: nil, maxBody: 10) { sink.yield($0) })
    }
    var text = ""
    for await chunk in chunks {
      text += String(decoding: chunk, as: UTF8.self)
      if text.contains("event 5\n") { break }
    }
    #expect(text.hasPrefix("event 0\nevent 1\n"))
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: HTTPError(.cancelled, "cancelled")) { try await task.value }
    #expect(.now - start < .seconds(4))
  }

  @Test func `endless requests take nobody's place`() async throws {
    let server = try await HTTPStandIn.shared()
    let client = HTTPClient(perHost: 1)
    let streams = (0..<3).map { _ in
      Task { try await client.send(HTTPRequest(.get, "\(server.base)/stream", limit: nil) { _ in }) }
    }
    #expect(try await client.send(HTTPRequest(.get, "\(server.base)/port")).status == 200)
    for stream in streams { stream.cancel() }
  }

  @Test func `many clients come and go`() async throws {
    let server = try await HTTPStandIn.shared()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<50 { group.addTask { try await HTTPClient().send(HTTPRequest(.get, "\(server.base)/port")).status } }
      for try await status in group { #expect(status == 200) }
    }
  }
}

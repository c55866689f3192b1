import CCCICore
import Testing

/// Why there is no answer.
@Suite struct HTTPErrorTests {
  func kind(_ request: HTTPRequest) async -> HTTPError.Kind? {
    do throws(HTTPError) {
      let response = try await HTTPClient().send(request)
      Issue.record("an answer: \(response.status)")
      return nil
    } catch {
      #expect(!error.message.isEmpty)
      return error.kind
    }
  }

  @Test(arguments: [
    (HTTPRequest(.get, "http://127.0.0.1:1/"), HTTPError.Kind.connect),
    (HTTPRequest(.get, "http://engine/", socket: "/no/such.sock"), .connect),
    (HTTPRequest(.get, "http://no-such-host.invalid/"), .resolve),
    (HTTPRequest(.get, "ftp://127.0.0.1/"), .badRequest),
    (HTTPRequest(.get, "file:///etc/passwd"), .badRequest),
    (HTTPRequest(.get, "http://127.0.0.1:1/a b"), .badRequest),
    (HTTPRequest(.get, "http://127.0.0.1:1/\r\nX: y"), .badRequest),
    (HTTPRequest(.get, ""), .badRequest),
    (HTTPRequest(.get, "http://127.0.0.1:1/", headers: [("X", "a\r\nY: b")]), .badRequest),
    (HTTPRequest(.get, "http://127.0.0.1:1/", headers: [("X: a", "b")]), .badRequest),
  ])
  func `a request that cannot be made says why`(request: HTTPRequest, expected: HTTPError.Kind) async {
    #expect(await kind(request) == expected)
  }

  @Test func `the time limit cuts a slow answer`() async throws {
    let server = try await HTTPStandIn.shared()
    let start = ContinuousClock.now
    #expect(await kind(HTTPRequest(.get, "\(server.base)/slow", limit: .milliseconds(150))) == .timeout)
    #expect(.now - start < .seconds(4))
  }

  @Test func `a body above the cap is refused, one below is not`() async throws {
    let server = try await HTTPStandIn.shared()
    #expect(await kind(HTTPRequest(.get, "\(server.base)/big", maxBody: 4_999_999)) == .tooLarge)
    #expect(try await HTTPClient().send(HTTPRequest(.get, "\(server.base)/big", maxBody: 5_000_000)).body.count == 5_000_000)
  }

  @Test func `half a body is no answer`() async throws {
    let server = try await HTTPStandIn.shared()
    #expect(await kind(HTTPRequest(.get, "\(server.base)/half")) == .broken)
  }

  @Test func `waiting requests are cancelled too, and a cancelled task sends nothing`() async throws {
    let server = try await HTTPStandIn.shared()
    let client = HTTPClient(perHost: 1)
    let tasks = (0..<3).map { _ in Task { try await client.send(HTTPRequest(.get, "\(server.base)/slow")) } }
    try await Task.sleep(for: .milliseconds(100))
    let start = ContinuousClock.now
    for task in tasks { task.cancel() }
    for task in tasks { await #expect(throws: HTTPError(.cancelled, "cancelled")) { try await task.value } }
    #expect(.now - start < .seconds(4))
    #expect(try await client.send(HTTPRequest(.get, "\(server.base)/port")).status == 200)
    let late = Task {
      await untilCancelled()
      return try await client.send(HTTPRequest(.get, "\(server.base)/port"))
    }
    late.cancel()
    await #expect(throws: HTTPError(.cancelled, "cancelled")) { try await late.value }
  }

  @Test func `certificates are checked against the authorities and the name`() async throws {
    let folder = try TemporaryFolder()
    let made = try await shell(
      """
      cd \(folder.path) && for ca in right wrong; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
      -subj /CN=$ca -keyout $ca.key -out $ca.pem; done && openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
      -subj /CN=localhost -keyout s.key -out s.csr && printf 'subjectAltName=DNS:localhost' > ext && openssl x509 -req -in s.csr \
      -CA right.pem -CAkey right.key -CAcreateserial -days 2 -extfile ext -out s.crt && cat s.key s.crt > server.pem
      """)
    try #require(made.ok, "\(made.errorText)")
    let server = try await HTTPStandIn(certificate: folder("server.pem"))
    let good = try await HTTPClient().send(HTTPRequest(.get, "\(server.base)/echo", authorities: folder("right.pem")))
    #expect(good.status == 200)
    #expect(await kind(HTTPRequest(.get, "\(server.base)/echo", authorities: folder("wrong.pem"))) == .tls)
    #expect(await kind(HTTPRequest(.get, "\(server.base)/echo")) == .tls)
    #expect(await kind(HTTPRequest(.get, "\(server.base)/echo", authorities: folder("none.pem"))) == .tls)
    let elsewhere = server.base.replacing("localhost", with: "other.localhost")
    #expect(await kind(HTTPRequest(.get, "\(elsewhere)/echo", authorities: folder("right.pem"))) == .tls)
    let plain = server.base.replacing("https", with: "http")
    #expect(await kind(HTTPRequest(.get, "\(plain)/echo")) == .broken)
  }
}

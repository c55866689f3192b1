import CCCICore
import FoundationEssentials
import Testing

@Suite struct ServingTests {
  private static let url = "https://a.ci.example.org/"

  @Test(arguments: [
    (200, "hello", [200], Outcome.pass, ""), (301, "", [200, 301], .pass, ""), (401, "", [401], .pass, ""),
    (404, "404 page not found\n", [200], .fail, "the proxy has no router"),
    (404, "no such note", [200], .fail, "404, which is never accepted"),
    (404, "x", [404], .fail, "404, which is never accepted"), (502, "Bad Gateway", [200], .fail, "502: the proxy reaches no app"),
    (503, "", [200], .fail, "503: the proxy reaches no app"), (504, "", [504], .fail, "504: the proxy reaches no app"),
    (500, "oh\nno", [200, 301], .fail, "answers 500 instead of 200 or 301: \"oh no\""),
    (302, "", [200], .fail, "answers 302 instead of 200"),
  ])
  func `a status is accepted or blamed on the routing`(status: Int, body: String, ok: [Int], outcome: Outcome, words: String) {
    let finding = Serving.judge(.status(status, body: body), url: Self.url, ok: ok)
    #expect(finding.outcome == outcome && finding.because.contains(words) && (outcome == .pass || finding.reason == .routing), "\(finding)")
  }

  @Test func `no answer is the recipe's, an untrusted certificate the host's`() {
    let silent = Serving.judge(.none(HTTPError(.connect, "Connection refused")), url: Self.url, ok: [200])
    #expect(silent.outcome == .fail && silent.because == "routing: \(Self.url) does not answer: Connection refused")
    let untrusted = Serving.judge(.none(HTTPError(.tls, "self-signed")), url: Self.url, ok: [200])
    #expect(untrusted.outcome == .error && untrusted.reason == .infra)
  }

  /// A host whose app sends a page of so many bytes in pieces.
  private static func host(status: Int, bytes: Int) -> Host {
    Host(
      run: { _ throws(Failure) in throw Failure(.bug, "no program here") },
      send: { request throws(HTTPError) in
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        guard let onChunk = request.onChunk else {
          guard bytes <= request.maxBody else { throw HTTPError(.tooLarge, "too large") }
          return HTTPResponse(status: status, body: body)
        }
        for piece in body.chunks(of: 64 << 10) { onChunk(piece) }
        return HTTPResponse(status: status)
      }, now: { Date(timeIntervalSince1970: 0) }, sleep: { _ throws(Failure) in throw .cancelled })
  }

  @Test(arguments: [0, 5, 999, 1_100_000])
  func `a page's status counts however long the page is, and its beginning is kept`(bytes: Int) async {
    for status in [200, 500] {
      let answer = await Serving(host: Self.host(status: status, bytes: bytes), authorities: nil).ask(Self.url)
      #expect(answer == .status(status, body: String(repeating: "x", count: min(bytes, 200))))
    }
  }
}

import FoundationEssentials
import Testing

@testable import CCCICore

/// A host that gives the same answer to everything.
private func host(_ answer: @escaping @Sendable (HTTPRequest) throws(HTTPError) -> HTTPResponse) -> Host {
  Host(
    run: { _ throws(Failure) in throw Failure(.bug, "a program") }, send: { request throws(HTTPError) in try answer(request) },
    now: { Date() },
    sleep: { _ in })
}

private func gitea(_ answer: @escaping @Sendable (HTTPRequest) throws(HTTPError) -> HTTPResponse) -> Gitea {
  Gitea(host: host(answer), url: "https://git.example.org/", token: "t", authorities: nil)
}

private func text(_ status: Int, _ body: String = "", _ headers: [(name: String, value: String)] = []) -> HTTPResponse {
  HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
}

@Suite struct GiteaTests {
  static let comments = """
    [{"id":901,"html_url":"x","pull_request_url":"https://git.example.org/recipes/cryptpad/pulls/12","issue_url":"","user":{"id":41,"login":"mira"},
    "original_author":"","body":"!testme","created_at":"2026-06-01T09:00:04Z","updated_at":"2026-06-01T09:00:04Z"},
    {"id":902,"pull_request_url":"https://git.example.org/recipes/cryptpad/pulls/12","user":{"id":41,"login":"mira"},"body":"!testme --quick",
    "created_at":"2026-06-01T09:00:20+02:00","updated_at":"2026-06-01T09:03:41+02:00"},
    {"id":903,"pull_request_url":"","user":null,"body":null,"created_at":"2026-06-01T09:01:00Z"}]
    """

  @Test func `comments are read whatever is missing, in any time zone, and with the server's clock`() async throws {
    let answer = try await gitea { request throws(HTTPError) in
      #expect(request.url == "https://git.example.org/api/v1/repos/recipes/cryptpad/issues/comments?since=2026-06-01T08:58:00Z")
      return text(200, Self.comments, [(name: "date", value: "Mon, 01 Jun 2026 09:05:00 GMT")])
    }.comments("recipes/cryptpad", since: try Date("2026-06-01T08:58:00Z", strategy: .iso8601))
    #expect(answer.value.map(\.pull) == [12, 12, nil] && answer.value.map(\.user.id) == [41, 41, -1])
    #expect(
      answer.value[1].created == Date(timeIntervalSince1970: 1_780_297_220)
        && answer.value[2].updated == answer.value[2].created)
    #expect(answer.date == Date(timeIntervalSince1970: 1_780_304_700))
  }

  @Test func `too much at once is read one by one, and what alone is too much is passed over`() async throws {
    let pages = Locked<[String]>([])
    let answer = try await gitea { request throws(HTTPError) in
      guard let page = request.url.components(separatedBy: "page=").dropFirst().first else { throw HTTPError(.tooLarge, "too much") }
      pages.withLock { $0.append(page) }
      switch page {
      case "2": throw HTTPError(.tooLarge, "too much")
      case "1", "3": return text(200, #"[{"id":\#(page),"created_at":"2026-06-01T09:01:00Z"}]"#)
      default: return text(200, "[]")
      }
    }.comments("o/r", since: Date())
    #expect(answer.value.map(\.id) == [1, 3] && pages.withLock { $0 } == ["1", "2", "3", "4"])
  }

  @Test(arguments: [
    (301, ExitCode.config, "has moved"), (302, .config, "has moved"), (307, .config, "has moved"), (401, .denied, "refuses the token"),
    (403, .denied, "refused"), (404, .noInput, "not found"), (423, .denied, "archived"), (429, .unavailable, "answers 429"),
    (500, .unavailable, "answers 500"), (503, .unavailable, "answers 503"), (422, .badData, "answers 422"), (418, .badData, "answers 418"),
  ])
  func `a status decides what an answer means, whatever its body says`(status: Int, code: ExitCode, words: String) async {
    for body in ["", "[]", "<html>all is well</html>", #"{"message":"fine"}"#, Self.comments] {
      let failure = await #expect(throws: Failure.self) {
        _ = try await gitea { _ throws(HTTPError) in text(status, body, [(name: "location", value: "/new/place")]) }.pull("o/r", 1)
      }
      #expect(failure?.code == code && failure?.sentence.contains(words) == true && failure?.hint.isEmpty == false, "\(body)")
    }
  }

  @Test func `a scope that is missing is named with what the token needs`() async {
    let body = #"{"message":"token does not have at least one of required scope(s), required=[write:issue], token scope=read:issue"}"#
    let failure = await #expect(throws: Failure.self) { _ = try await gitea { _ throws(HTTPError) in text(403, body) }.user() }
    #expect(failure?.why.contains("write:issue") == true && failure?.next.contains("read:organization") == true)
  }

  @Test(arguments: ["", "<html>", "{", "[{}]", #"[{"id":"x"}]"#, "null", #"{"id":1}"#])
  func `an answer in the 200s that is no list of comments is none`(body: String) async {
    let failure = await #expect(throws: Failure.self) {
      _ = try await gitea { _ throws(HTTPError) in text(200, body) }.comments("o/r", since: Date())
    }
    #expect(failure?.code == .badData)
  }

  @Test(arguments: [(204, GiteaMembership.member), (404, .stranger), (302, .hidden), (303, .hidden)])
  func `membership is 204 and nothing else`(status: Int, answer: GiteaMembership) async throws {
    let found = try await gitea { request throws(HTTPError) in
      #expect(request.url == "https://git.example.org/api/v1/orgs/recipes/members/a%2Fb%20c")
      return text(status)
    }.membership("a/b c", of: "recipes")
    #expect(found == answer)
  }

  @Test func `200 with a page is no membership`() async throws {
    #expect(try await gitea { _ throws(HTTPError) in text(200, "<html>") }.membership("x", of: "y") == .stranger)
    for status in [401, 403, 500, 429] {
      await #expect(throws: Failure.self) { _ = try await gitea { _ throws(HTTPError) in text(status) }.membership("x", of: "y") }
    }
  }

  @Test func `the posting of a comment is posted, refused, or unclear`() async throws {
    let post = { (answer: @escaping @Sendable (HTTPRequest) throws(HTTPError) -> HTTPResponse) in
      try await gitea { request throws(HTTPError) in
        #expect(request.isAlone && request.method == .post)
        return try answer(request)
      }.post("o/r", pull: 1, "text")
    }
    let good = #"{"id":5,"created_at":"2026-06-01T09:01:00Z"}"#
    guard case .posted(let comment) = try await post({ _ throws(HTTPError) in text(201, good) }) else {
      Issue.record("not posted")
      return
    }
    #expect(comment.id == 5)
    for status in [500, 502, 201] {
      guard case .unclear = try await post({ _ throws(HTTPError) in text(status, "oops") }) else {
        Issue.record("\(status)")
        continue
      }
    }
    for status in [403, 404, 422, 423, 429] {
      guard case .refused = try await post({ _ throws(HTTPError) in text(status) }) else {
        Issue.record("\(status)")
        continue
      }
    }
    guard case .unclear = try await post({ _ throws(HTTPError) in throw HTTPError(.timeout, "late") }) else {
      Issue.record("a timeout")
      return
    }
    guard case .refused = try await post({ _ throws(HTTPError) in throw HTTPError(.connect, "refused") }) else {
      Issue.record("no connection")
      return
    }
  }

  @Test(arguments: [
    ("Mon, 01 Jun 2026 09:05:00 GMT", 1_780_304_700.0 as Double?), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
    ("Monday, 01-Jun-26 09:05:00 GMT", nil), ("", nil), ("Mon, 01 Jun 2026 09:05:00 CET", nil), ("Mon, 1 Jun 2026 09:05:00 GMT", nil),
    ("Mon, 01 Jnu 2026 09:05:00 GMT", nil), ("Mon, 01 Jun 2026 25:05:00 GMT", nil),
  ])
  func `the date of an answer`(text: String, seconds: Double?) {
    #expect(HTTPDate.parse(text)?.timeIntervalSince1970 == seconds)
    if let date = HTTPDate.parse(text) { #expect(HTTPDate.format(date) == text) }
  }
}

@Suite struct DroneBuildsTests {
  private func drone(_ answer: @escaping @Sendable (HTTPRequest) throws(HTTPError) -> HTTPResponse) -> Drone {
    Drone(host: host(answer), url: "https://drone.example.org", token: "t", authorities: nil)
  }

  private enum Kind { case made, impossible, refused, unclear }

  private func kind(_ creation: DroneCreation) -> Kind {
    switch creation {
    case .made: .made
    case .impossible: .impossible
    case .refused: .refused
    case .unclear: .unclear
    }
  }

  @Test func `what an answer to the making of a build means`() async throws {
    let good = #"{"number":43,"status":"pending","params":{"A":"b"},"created":1780304420}"#
    let cases: [(Int, String, Kind)] = [
      (200, good, .made), (200, "null", .impossible), (200, #"{"number":43,"status":"error","error":"yaml: line 3"}"#, .impossible),
      (404, #"{"message":"Not Found"}"#, .impossible), (401, "{}", .refused), (403, "{}", .refused), (429, "", .refused),
      (500, #"{"message":"Not Found"}"#, .unclear), (502, "<html>", .unclear), (200, "", .unclear), (200, "<html>", .unclear),
      (200, "{}", .unclear),
      (302, "", .unclear), (400, "", .unclear),
    ]
    for (status, body, wanted) in cases {
      let creation = try await drone { request throws(HTTPError) in
        #expect(request.url == "https://drone.example.org/api/repos/o/cc-ci/builds?branch=main&REF=a%20b&SRC=https%3A%2F%2Fx%2Fy.git%3F%26")
        #expect(request.isAlone && request.limit == .seconds(75) && request.body == nil)
        return text(status, body)
      }.create("o/cc-ci", branch: "main", params: [("REF", "a b"), ("SRC", "https://x/y.git?&")])
      #expect(kind(creation) == wanted, "\(status) \(body): \(creation)")
    }
    for (error, wanted) in [
      (HTTPError.Kind.timeout, Kind.unclear), (.broken, .unclear), (.tooLarge, .unclear), (.connect, .refused), (.resolve, .refused),
    ] {
      let creation = try await drone { _ throws(HTTPError) in throw HTTPError(error, "x") }.create("o/r", branch: "main", params: [])
      #expect(kind(creation) == wanted)
    }
  }

  @Test func `a build with its stages, and one as lists have it`() async throws {
    let body = """
      {"id":42,"number":42,"status":"running","params":{"CCCI_TRIGGER":"k"},"started":1780304427,"finished":0,"created":1780304420,"parent":41,
      "stages":[{"id":57,"status":"pending","machine":"cc-ci","started":0,"steps":[]}]}
      """
    let build = try #require(try await drone { _ throws(HTTPError) in text(200, body) }.build("o/r", 42))
    #expect(
      build.status == .running && build.parent == 41 && build.finished == nil && build.started?.timeIntervalSince1970 == 1_780_304_427)
    #expect(build.stages == [DroneBuild.Stage(status: .pending, machine: "cc-ci", started: nil)])
    let list = try await drone { _ throws(HTTPError) in text(200, #"[{"number":1,"status":"strange"}]"#) }.builds("o/r", page: 1)
    #expect(list.first?.status == .other("strange") && list.first?.status.isOver == false)
    #expect(try await drone { _ throws(HTTPError) in text(404) }.build("o/r", 42) == nil)
  }

  @Test func `the queue is told oldest first, or not at all`() async throws {
    let rows = """
      [{"repo_slug":"o/r","build_number":43,"stage_status":"pending","stage_machine":"","stage_started":0,"build_created":9,"stage_type":"exec"},
      {"repo_slug":"o/r","build_number":42,"stage_status":"running","stage_machine":"m","stage_started":5,"build_created":3,"stage_type":"exec"},
      {"repo_slug":"o/x","build_number":7,"stage_status":"running","stage_type":"docker"}]
      """
    #expect(try await drone { _ throws(HTTPError) in text(200, rows) }.incomplete()?.map(\.build) == [42, 43])
    for status in [403, 404, 501] { #expect(try await drone { _ throws(HTTPError) in text(status) }.incomplete() == nil) }
    await #expect(throws: Failure.self) { _ = try await drone { _ throws(HTTPError) in text(500) }.incomplete() }
  }
}

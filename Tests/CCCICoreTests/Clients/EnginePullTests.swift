import Testing

@testable import CCCICore

@Suite("Pulling an image")
struct EnginePullTests {
  @Test(
    "a reference is cut into repository and tag",
    arguments: [
      ("nginx", "nginx", "latest"), ("nginx:1.27", "nginx", "1.27"), ("git.example.org:3000/a/b", "git.example.org:3000/a/b", "latest"),
      ("git.example.org:3000/a/b:2", "git.example.org:3000/a/b", "2"), ("nginx@sha256:ab", "nginx", "sha256:ab"),
      ("nginx:1.27@sha256:ab", "nginx", "sha256:ab"),
    ])
  func cuts(reference: String, repository: String, tag: String) {
    let name = ImageName(reference)
    #expect(name.repository == repository)
    #expect(name.tag == tag)
  }

  @Test(
    "the end of the stream decides",
    arguments: [
      (#"{"status":"Status: Downloaded newer image for a/b:1"}"#, 200, false, EnginePull.pulled),
      (#"{"status":"Status: Image is up to date for a/b:1"}"#, 200, true, .present),
      (#"{"errorDetail":{"message":"x"},"error":"toomanyrequests: limit"}"#, 200, false, .failed("toomanyrequests: limit")),
      (#"{"error":"toomanyrequests: limit"}"#, 200, true, .present),
      (#"{"message":"pull access denied for a/b"}"#, 404, false, .failed("pull access denied for a/b")),
      (#"{"message":"dial tcp: no such host"}"#, 500, true, .present),
    ])
  func ends(line: String, status: Int, isHere: Bool, expected: EnginePull) async throws {
    let body = #"{"status":"Pulling from a/b","id":"1"}"# + "\r\n" + line + "\r\n"
    let fake = FakeEngine([
      "POST /images/create": .json(status < 400 ? body : line, status: status),
      "GET /images/a/b:1/json": .json("{}", status: isHere ? 200 : 404),
    ])
    #expect(try await fake.engine.pull("a/b:1") == expected)
    #expect(fake.calls.first == "POST /images/create?fromImage=a%2Fb&tag=1")
  }

  @Test("progress counts layers")
  func progress() {
    var progress = PullProgress()
    for line in [
      #"{"status":"Pulling from a/b","id":"1"}"#, #"{"status":"Pulling fs layer","id":"x"}"#, #"{"status":"Already exists","id":"y"}"#,
      #"{"status":"Pull complete","id":"x"}"#, "no json",
    ] { progress.add(Array("\(line)\n".utf8)) }
    #expect(progress.summary == "2 of 2 layers")
  }

  @Test("a login is base64url of a JSON object")
  func login() throws {
    let header = try RegistryLogin(user: "u?>", password: "p", server: "r.example.org").header()
    #expect(!header.contains("+") && !header.contains("/") && header.count % 4 == 0)
  }
}

import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct HookTests {
  static let secret = "correct horse battery"

  static func sign(_ body: String, _ secret: String = HookTests.secret) -> String {
    SHA256.hmac(key: Array(secret.utf8), Array(body.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  static func bytes(
    _ body: String, signature: String? = nil, method: String = "POST", length: String? = nil, more: [String] = []
  ) -> [UInt8] {
    var lines = ["\(method) /hook HTTP/1.1", "Host: ci.example.org", "X-Gitea-Event: issue_comment"]
    if let signature { lines.append("X-Gitea-Signature: \(signature)") }
    if length != "" { lines.append("Content-Length: \(length ?? "\(body.utf8.count)")") }
    return Array(((lines + more).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
  }

  private func enrolment() throws -> Enrolment {
    var settings = Settings.ForgeSettings()
    settings.repositories = ["recipes/notes"]
    return try Enrolment(settings)
  }

  private func decide(_ bytes: [UInt8], secret: String? = HookTests.secret) throws -> HookJudgment.Answer {
    guard case .whole(let request) = HookRequest.read(bytes) else { throw Failure(.bug, "not whole: \(HookRequest.read(bytes))") }
    return HookJudgment.decide(request, secret: secret, enrolment: try enrolment())
  }

  static let body = #"{"action":"created","comment":{"body":"!testme"},"repository":{"id":5,"full_name":"Recipes/notes"}}"#

  @Test func `a signed delivery is a hint to look at one repository, and nothing else of it is read`() throws {
    #expect(try decide(Self.bytes(Self.body, signature: Self.sign(Self.body))) == .look("recipes/notes"))
  }

  @Test func `whatever is not signed with the secret is refused`() throws {
    let good = Self.sign(Self.body)
    let bad = [
      nil, "", "0", good.uppercased(), "sha256=\(good)", String(good.dropLast()), good + "0", String(good.reversed()), "\(good) x",
      Self.sign(Self.body + " "), Self.sign(Self.body, "other"), Self.sign(Self.body, ""), Self.sign(""), String(repeating: "0", count: 64),
    ]
    for signature in bad {
      guard case .refuse(401, _) = try decide(Self.bytes(Self.body, signature: signature)) else {
        Issue.record("\(signature ?? "none")")
        continue
      }
    }
    guard case .refuse(401, _) = try decide(Self.bytes(Self.body, signature: good, more: ["x-gitea-signature: \(good)"])) else {
      Issue.record("two signatures")
      return
    }
    for secret in [nil, ""] {
      guard case .refuse(403, _) = try decide(Self.bytes(Self.body, signature: Self.sign(Self.body, "")), secret: secret) else {
        Issue.record("without a secret everything is refused")
        continue
      }
    }
  }

  @Test(arguments: [
    ("", 400), ("not JSON", 400), ("{}", 400), ("[]", 400), ("null", 400), (#"{"repository":null}"#, 400),
    (#"{"repository":{"full_name":1}}"#, 400),
    (#"{"repository":{"full_name":"recipes/other"}}"#, 404), (#"{"repository":{"full_name":"../../etc"}}"#, 404),
    (#"{"repository":{"full_name":"recipes/notes\n"}}"#, 404), (#"{"repository":{"full_name":""}}"#, 404),
  ])
  func `a signed delivery about nothing of ours is refused`(body: String, status: Int) throws {
    guard case .refuse(status, _) = try decide(Self.bytes(body, signature: Self.sign(body))) else {
      Issue.record("\(body)")
      return
    }
  }

  @Test func `a request is whole, broken, or still coming`() {
    let good = Self.bytes("{}", signature: "x")
    for count in 0..<good.count { #expect(HookRequest.read(Array(good.prefix(count))) == .incomplete, "\(count)") }
    let cases: [([UInt8], Int)] = [
      (Self.bytes("{}", method: "GET"), 405), (Self.bytes("{}", method: "PUT"), 405), (Self.bytes("{}", length: ""), 411),
      (Self.bytes("{}", length: "-1"), 400), (Self.bytes("{}", length: "+2"), 400), (Self.bytes("{}", length: "0x2"), 400),
      (Self.bytes("{}", length: "2, 2"), 400), (Self.bytes("{}", length: "1048577"), 413),
      (Self.bytes("{}", length: "99999999999999999999"), 413),
      (Self.bytes("{}", more: ["Content-Length: 2"]), 411), (Self.bytes("{}", more: ["Transfer-Encoding: chunked"]), 411),
      (Self.bytes("{}", more: ["no colon"]), 400), (Self.bytes("{}", more: [": x"]), 400), (Self.bytes("{}", more: [" folded: x"]), 400),
      (Array("GET\r\n\r\n".utf8), 400), (Array("POST / SMTP/1.0\r\n\r\n".utf8), 400), (Array("\r\n\r\n".utf8), 400),
      (Array("POST / HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))".utf8), 431),
      (Array("POST / HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))\r\n\r\n".utf8), 431),
    ]
    for (bytes, status) in cases {
      #expect(HookRequest.read(bytes) == .bad(status), "\(String(decoding: bytes.prefix(80), as: UTF8.self))")
    }
  }

  @Test func `no bytes bring the reading of a delivery down`() {
    let seed = UInt64.random(in: .min ... .max)
    var random = Fuzz.Generator(seed: seed)
    let good = Self.bytes(Self.body, signature: Self.sign(Self.body))
    for _ in 0..<3000 {
      var bytes = good
      for _ in 0...Int.random(in: 0...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard case .whole(let request) = HookRequest.read(bytes), request.body != Array(Self.body.utf8) else { continue }
      #expect(!HookJudgment.matches(request.only("x-gitea-signature") ?? "", secret: Self.secret, request.body), "seed \(seed)")
    }
  }

  @Test func `a hook that is as it should be stays, every other is made anew`() {
    let hook = { (change: (inout GiteaHook) -> Void) in
      var hook = GiteaHook(
        id: 3, isActive: true, events: ["pull_request_comment", "pull_request_review_comment"], url: "https://ci.example.org/hook",
        contentType: "json")
      change(&hook)
      return hook
    }
    let plan = { (hooks: [GiteaHook], installed: String?) in
      HookPlan.of(hooks, address: "https://ci.example.org/hook", digest: "d", installed: installed)
    }
    #expect(plan([hook { _ in }], "d").isNothing)
    #expect(
      plan([hook { _ in }, hook { ($0.id, $0.url) = (4, "https://elsewhere.example.org") }], "d").isNothing,
      "another's hook is none of ours")
    #expect(plan([], nil) == HookPlan(isMade: true, because: "there is none"))
    let flaws: [([GiteaHook], String?)] = [
      ([hook { _ in }], "other"), ([hook { _ in }], nil), ([hook { $0.isActive = false }], "d"),
      ([hook { $0.events = ["issue_comment"] }], "d"),
      ([hook { $0.contentType = "form" }], "d"), ([hook { $0.events = [] }], "d"),
    ]
    for (hooks, installed) in flaws {
      let plan = plan(hooks, installed)
      #expect(plan.isMade && plan.remove == [3] && !plan.because.isEmpty)
    }
    #expect(plan([hook { _ in }, hook { $0.id = 4 }], "d").remove == [3, 4])
  }
}

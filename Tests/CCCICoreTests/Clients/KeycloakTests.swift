import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct KeycloakTests {
  private static let discovery = #"{"issuer":"https://sso.example.org/realms/master"}"#
  private static let token = #"{"access_token":"t0","expires_in":60}"#

  /// What was asked, and what is answered by `METHOD path`.
  private final class Fake: Sendable {
    let asked = Locked<[(call: String, body: String, bearer: String)]>([])
    let answers: [String: HTTPResponse]

    init(_ answers: [String: HTTPResponse]) { self.answers = answers }

    var keycloak: Keycloak {
      let host = Host(
        run: { _ throws(Failure) in throw Failure(.bug, "no program here") },
        send: { request throws(HTTPError) in
          let call = "\(request.method.rawValue) \(request.url.replacing("https://sso.example.org", with: ""))"
          let bearer = request.headers.first { $0.name == "Authorization" }?.value ?? ""
          self.asked.withLock { $0.append((call, String(decoding: request.body ?? [], as: UTF8.self), bearer)) }
          guard let answer = self.answers[call] else { throw HTTPError(.connect, "Connection refused") }
          return answer
        }, now: { Date(timeIntervalSince1970: 1_800_000_000) }, sleep: { _ throws(Failure) in throw .cancelled })
      return Keycloak(host: host, url: "https://sso.example.org/", administrator: "admin", password: "a+b&c ü", authorities: nil)
    }
  }

  private static let tokenCall = "POST /realms/master/protocol/openid-connect/token"
  private static let discoveryCall = "GET /realms/master/.well-known/openid-configuration"

  @Test func `every operation takes a token of its own, with the password encoded`() async throws {
    let fake = Fake([
      Self.tokenCall: .json(Self.token), "GET /admin/realms": .json(#"[{"realm":"a","attributes":{"x":"y"}},{"realm":"b"}]"#),
    ])
    #expect(
      try await fake.keycloak.realms() == [
        Keycloak.Realm(name: "a", attributes: ["x": "y"]), Keycloak.Realm(name: "b", attributes: [:]),
      ])
    let asked = fake.asked.withLock { $0 }
    #expect(asked.map(\.call) == [Self.tokenCall, "GET /admin/realms"] && asked[1].bearer == "Bearer t0")
    #expect(asked[0].body == "grant_type=password&client_id=admin-cli&username=admin&password=a%2Bb%26c%20%C3%BC")
  }

  static let ailments: [([String: HTTPResponse], String)] = [
    ([:], "does not answer: Connection refused"), ([discoveryCall: .json("gone", status: 404)], "answers 404"),
    ([discoveryCall: .json("<html>")], "is not JSON"),
    ([discoveryCall: .json(#"{"issuer":"https://other/realms/master"}"#)], "names the issuer"),
    ([discoveryCall: .json(discovery), tokenCall: .json("{}", status: 401)], "does not let its administrator admin in"),
  ]

  @Test(arguments: ailments)
  func `it is well when it names itself and lets its administrator in`(answers: [String: HTTPResponse], words: String) async throws {
    let ailment = try #require(try await Fake(answers).keycloak.ailment())
    #expect(ailment.contains(words), "\(ailment)")
    #expect(!ailment.contains("a+b"))
  }

  @Test func `it is well otherwise`() async throws {
    let fake = Fake([Self.discoveryCall: .json(Self.discovery), Self.tokenCall: .json(Self.token)])
    #expect(try await fake.keycloak.ailment() == nil)
  }

  @Test(arguments: ["master", "", "../master", "a/b", "Master", "a b"])
  func `nothing that could be master is ever removed, or asked for`(name: String) async throws {
    let fake = Fake([Self.tokenCall: .json(Self.token)])
    let failure = await #expect(throws: Failure.self) { try await fake.keycloak.delete(name) }
    #expect(failure?.code == .bug && fake.asked.withLock { $0.isEmpty })
  }

  @Test func `a realm carries its marks from its first moment, and its user is fully set up`() async throws {
    let mark = RealmMark(owner: "i1/d7", app: "note-abcdef.ci.example.org")
    let realm = Keycloak.NewRealm(
      realm: "notes-abcdef", attributes: mark.attributes,
      client: Keycloak.NewRealm.Client(clientId: "notes", secret: "s", redirectUris: ["https://note-abcdef.ci.example.org/*"]),
      user: Keycloak.NewRealm.User(id: "8d4f1f0c-1111-4222-8333-444455556666", username: "ccci", password: "p"))
    let fake = Fake([Self.tokenCall: .json(Self.token), "POST /admin/realms": .json("", status: 201)])
    #expect(try await fake.keycloak.create(realm))
    let body = fake.asked.withLock { $0.last?.body ?? "" }
    for words in [
      #""ccci.run":"d7""#, #""firstName":"#, #""lastName":"#, #""email":"#, #""id":"8d4f1f0c-1111-4222-8333-444455556666""#,
      #""redirectUris":["https://note-abcdef.ci.example.org/*"]"#,
    ] {
      #expect(body.contains(words), "\(words)")
    }
    #expect(RealmMark(["ccci.run": "d7", "ccci.instance": "i1", "ccci.app": "note-abcdef.ci.example.org"]) == mark)
    #expect(RealmMark(["ccci.run": "d7"]) == nil)
    #expect(try await !Fake([Self.tokenCall: .json(Self.token), "POST /admin/realms": .json("", status: 409)]).keycloak.create(realm))
  }
}

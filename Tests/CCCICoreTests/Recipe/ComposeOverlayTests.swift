import CCCICore
import Testing

@Suite("compose.ccci.yml")
struct ComposeOverlayTests {
  private static func read(_ text: String) throws(Failure) -> ComposeOverlay { try ComposeOverlay(Array(text.utf8), path: "o.yml") }

  @Test("environment is read as a mapping or a list, and written for the services that a commit has")
  func reads() throws {
    let overlay = try Self.read(
      """
      version: "3.8"
      services:
        app:
          environment:
            MODE: test
            PORT: 8080
        db:
          environment: ["A=b=c", "QUOTE=\\"x\\""]
      """)
    #expect(overlay.services.map(\.name) == ["app", "db"])
    #expect(overlay.services[0].environment.map { "\($0.name)=\($0.value)" } == ["MODE=test", "PORT=8080"])
    #expect(overlay.services[1].environment[0].value == "b=c")
    let text = overlay.text(for: ["db", "cache"], version: "3.8")
    #expect(!text.contains("MODE"))
    let back = try YAMLNode.parse(Array(text.utf8), path: "written")
    #expect(back["version"]?.string == "3.8")
    #expect(back[path: "services", "db", "environment", "QUOTE"]?.string == "\"x\"")
    #expect(back[path: "services", "db", "environment", "A"]?.string == "b=c")
    #expect(try overlay.checkServices(["app", "db", "x"], path: "o.yml") == ())
    let failure = #expect(throws: Failure.self) { try overlay.checkServices(["app", "dab"], path: "o.yml") }
    #expect(failure?.what == "o.yml: line 8: db: the recipe has no such service" && failure?.next.contains("did you mean dab?") == true)
  }

  @Test(
    "whatever is not environment is refused by file, line and key",
    arguments: [
      ("services:\n  app:\n    image: x\n", "o.yml: line 3: services.app.image: only environment may stand there"),
      ("services:\n  app:\n    environment: {A: b}\nvolumes:\n  a: {}\n", "o.yml: line 5: volumes: only environment may stand there"),
      ("services:\n  app:\n    environment:\n      A:\n", "o.yml: line 4: A: has no value"),
      ("services:\n  app:\n    environment: [A]\n", "o.yml: line 3: A: has no value"),
      ("services:\n  app: {}\n", "o.yml: line 2: app: sets nothing"), ("", "o.yml: sets nothing"),
      ("services: {}\n", "o.yml: sets nothing"),
    ])
  func refuses(_ text: String, _ says: String) {
    let failure = #expect(throws: Failure.self) { try Self.read(text) }
    #expect(failure?.code == .badData && failure?.what == says)
  }
}

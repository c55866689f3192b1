import FoundationEssentials
import Testing

@testable import CCCICore

/// What `docker stack config` (28.2) printed for the files beside it.
func composeFacts(_ name: String) throws -> ComposeFacts {
  let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
  return try ComposeFacts(try YAMLNode.parse(Files.read("/\(tests)/Fixtures/compose/\(name).merged.yml"), path: name), path: name)
}

func composeFacts(text: String) throws(Failure) -> ComposeFacts {
  try ComposeFacts(try YAMLNode.parse(Array(text.utf8), path: "compose.yml"), path: "compose.yml")
}

@Suite struct ComposeFactsTests {
  @Test func `the facts of a plain recipe are read from docker's own words`() throws {
    let facts = try composeFacts("notes")
    #expect(facts.services.map(\.name) == ["app", "db"] && facts.volumes == ["dbdata", "uploads"])
    #expect(facts.version?.text == "0.1.0+1.0.0")
    let app = try #require(facts.service("app"))
    #expect(app.image == "ccci/notes:1.0.0" && app.replicas == 1 && app.hasHealthcheck)
    #expect(app.mounts == [.init(kind: "volume", source: "uploads", target: "/srv/uploads")])
    #expect(app.labels["backupbot.backup"] == "true" && facts.service("db")?.labels["backupbot.backup.pre-hook"] == "/db.sh backup")
    #expect(facts.service("web") == nil)
  }

  @Test func `counts, healthchecks, mounts of every kind and merged labels are read`() throws {
    let facts = try composeFacts("wide")
    #expect(facts.services.map(\.name) == ["app", "cron", "probe", "relay"])
    #expect(facts.services.map(\.replicas) == [2, 0, 1, 1] && facts.services.map(\.hasHealthcheck) == [true, false, false, false])
    #expect(facts.services.map(\.image)[0] == "ghcr.io/example/wide:2.1@sha256:0f1e")
    #expect(facts.version?.text == "1.4.0+2.1" && facts.volumes == ["data", "uploads"])
    let app = try #require(facts.service("app"))
    #expect(app.labels["backupbot.backup.volumes.uploads"] == "false" && app.labels["empty"] == "")
    #expect(
      app.mounts.map { "\($0.kind) \($0.source) \($0.target)" } == [
        "volume  /cache", "bind /etc/localtime /etc/localtime", "volume data /srv/again", "volume uploads /srv/uploads", "tmpfs  /tmp",
        "volume data /var/lib/data",
      ])
  }

  @Test func `the short forms that a compose file may have are read too`() throws {
    let facts = try composeFacts(
      text: """
        services:
          app:
            volumes: ["data:/data:ro", "/etc/timezone:/etc/timezone", "./x:/x", "/anonymous"]
            deploy: { replicas: "3", labels: ["a=b=c", "coop-cloud.s.version=1.0.0+1", "alone"] }
        """)
    let app = try #require(facts.service("app"))
    #expect(
      app.mounts.map(\.kind) == ["volume", "bind", "bind", "volume"] && app.mounts.map(\.source) == ["data", "/etc/timezone", "./x", ""])
    #expect(app.labels == ["a": "b=c", "coop-cloud.s.version": "1.0.0+1", "alone": ""] && app.replicas == 3 && app.image == "")
  }

  @Test(arguments: [
    ("coop-cloud.s.version: 1.2.0+1", "1.2.0+1"), ("coop-cloud.s.chaos-version: 1.2.0+1", nil), ("coop-cloud.s.version: newest", nil),
    ("coop-cloud.s.version: \"\"", nil), ("org.s.version: 1.2.0+1", nil),
    ("coop-cloud.a.version: 1.0.0+1, coop-cloud.b.version: 2.0.0+1", "1.0.0+1"),
    ("coop-cloud.b.version: 2.0.0+1, coop-cloud.a.version: 1.0.0+1", "1.0.0+1"),
  ])
  func `the version is that of the label, the same in every run`(labels: String, version: String?) throws {
    let facts = try composeFacts(text: "services: { app: { deploy: { labels: { \(labels) } } } }")
    #expect(facts.version?.text == version)
  }

  @Test(arguments: [
    ("services: { web: { image: nginx } }", "has web"), ("services: {}", "no services at all"), ("{}", "no services at all"),
    ("services: [app]", "no services at all"), ("", "no services at all"),
  ])
  func `a recipe without a service app is refused`(text: String, why: String) {
    let failure = #expect(throws: Failure.self) { try composeFacts(text: text) }
    #expect(failure?.code == .badData && failure?.what == "compose.yml: no service named app" && failure?.why == why)
  }
}

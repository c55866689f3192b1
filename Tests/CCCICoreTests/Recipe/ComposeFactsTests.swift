import Testing

@testable import CCCICore

/// Compose files below `Tests/`, filled from an environment and merged.
func composeFacts(_ paths: [String], _ environment: [String: String] = [:]) throws(Failure) -> ComposeFacts {
  let tests = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return try ComposeFacts(
    paths.map { (path) throws(Failure) in try composeFile(try Files.read("\(tests)/\(path)"), path: path, environment) })
}

/// The same of texts, named `a.yml`, `b.yml`, …
func composeFacts(texts: [String], _ environment: [String: String] = [:]) throws(Failure) -> ComposeFacts {
  try ComposeFacts(
    zip(texts, "abcdef").map { (text, letter) throws(Failure) in try composeFile(Array(text.utf8), path: "\(letter).yml", environment) })
}

private func composeFile(_ bytes: [UInt8], path: String, _ environment: [String: String]) throws(Failure) -> ComposeFacts.File {
  let root = try YAMLNode.parse(bytes, path: path)
  return ComposeFacts.File(path: path, root: try ComposeInterpolation.filled(root, from: environment, path: path))
}

@Suite struct ComposeFactsTests {
  static let fixtures = "CCCICoreTests/Fixtures/compose"

  @Test(arguments: [
    (["World/recipes/notes/tree/compose.yml"], "notes.merged.yml"),
    (["\(fixtures)/wide.yml", "\(fixtures)/wide.smtp.yml"], "wide.merged.yml"),
  ])
  func `what we read is what docker stack config printed`(files: [String], merged: String) throws {
    let name = merged.hasPrefix("notes") ? "note" : "wide"
    let environment = ["STACK_NAME": "\(name)-ab12cd_ci_example_org", "DOMAIN": "\(name)-ab12cd.ci.example.org"]
    var ours = try composeFacts(files, environment)
    var docker = try composeFacts(["\(Self.fixtures)/\(merged)"], ["HOME": "$HOME"])
    for index in ours.services.indices { ours.services[index].mounts.sort { $0.target < $1.target } }
    for index in docker.services.indices { docker.services[index].mounts.sort { $0.target < $1.target } }
    #expect(ours.services.count > 1 && ours.version != nil)
    #expect(ours.services.sorted { $0.name < $1.name } == docker.services && ours.volumes.sorted() == docker.volumes)
  }

  @Test func `counts, healthchecks, mounts of every kind and merged labels are read`() throws {
    let facts = try composeFacts(["\(Self.fixtures)/wide.merged.yml"], ["HOME": "$HOME"])
    #expect(facts.services.map(\.name) == ["app", "cron", "probe", "relay"])
    #expect(facts.services.map(\.replicas) == [2, 0, 1, 1] && facts.services.map(\.hasHealthcheck) == [true, false, false, false])
    #expect(facts.services[0].image == "ghcr.io/example/wide:2.1@sha256:0f1e" && facts.volumes == ["data", "uploads"])
    let app = try #require(facts.service("app"))
    #expect(app.labels["backupbot.backup.volumes.uploads"] == "false" && app.labels["empty"] == "")
    #expect(app.labels["backupbot.backup.pre-hook"] == "sh -c 'echo $HOME=1'" && facts.version?.text == "1.4.0+2.1")
    #expect(
      app.mounts.map { "\($0.kind) \($0.source) \($0.target)" } == [
        "volume  /cache", "bind /etc/localtime /etc/localtime", "volume data /srv/again", "volume uploads /srv/uploads", "tmpfs  /tmp",
        "volume data /var/lib/data",
      ])
    #expect(facts.service("web") == nil)
  }

  @Test func `the short forms that a compose file may have are read too`() throws {
    let text = """
      services:
        app:
          volumes: ["data:/data:ro", "/etc/timezone:/etc/timezone", "./x:/x", "~/y:/y", "/anonymous"]
          deploy: { replicas: "3", labels: ["a=b=c", "coop-cloud.s.version=1.0.0+1", "alone", "n=$N"] }
      """
    let app = try #require(try composeFacts(texts: [text], ["N": "4"]).service("app"))
    #expect(app.mounts.map(\.kind) == ["volume", "bind", "bind", "bind", "volume"])
    #expect(app.mounts.map(\.source) == ["data", "/etc/timezone", "./x", "~/y", ""])
    #expect(app.labels == ["a": "b=c", "coop-cloud.s.version": "1.0.0+1", "alone": "", "n": "4"] && app.replicas == 3 && app.image == "")
  }

  @Test func `a later file adds to an earlier one and overrides it`() throws {
    let first = "services: { app: { image: 'a:1', volumes: ['x:/x', 'y:/y'], deploy: { labels: [l=1, m=1] }, healthcheck: { test: [a] } } }"
    let second =
      "services: { db: { image: 'b:1' }, app: { volumes: ['z:/x'], deploy: { replicas: 0, labels: { m: 2 } } } }\nvolumes: { z: }"
    let third = "services: { app: { image: 'a:2', healthcheck: { disable: true } } }\nvolumes: { z: , w: }"
    let facts = try composeFacts(texts: [first, second, third])
    let app = try #require(facts.service("app"))
    #expect(facts.services.map(\.name) == ["app", "db"] && facts.volumes == ["z", "w"])
    #expect(app.image == "a:2" && app.labels == ["l": "1", "m": "2"] && app.replicas == 0 && !app.hasHealthcheck)
    #expect(app.mounts.map { "\($0.source):\($0.target)" } == ["y:/y", "z:/x"])
  }

  @Test(arguments: [
    ("coop-cloud.s.version: 1.2.0+1", "1.2.0+1"), ("coop-cloud.s.chaos-version: 1.2.0+1", nil), ("coop-cloud.s.version: newest", nil),
    ("coop-cloud.s.version: \"\"", nil), ("org.s.version: 1.2.0+1", nil),
    ("coop-cloud.a.version: 1.0.0+1, coop-cloud.b.version: 2.0.0+1", "1.0.0+1"),
    ("coop-cloud.b.version: 2.0.0+1, coop-cloud.a.version: 1.0.0+1", "1.0.0+1"),
  ])
  func `the version is that of the label, the same in every run`(labels: String, version: String?) throws {
    let facts = try composeFacts(texts: ["services: { app: { deploy: { labels: { \(labels) } } } }"])
    #expect(facts.version?.text == version)
  }

  @Test(arguments: [
    (["services: { web: { image: nginx } }"], "a.yml: no service named app: has web"),
    (["services:"], "a.yml: no service named app: no services"),
    (["services: {}"], "a.yml: line 1: is no compose file"), (["{}"], "a.yml: line 1: is no compose file"),
    ([""], "a.yml: line 1: is no compose"),
    (["- a"], "a.yml: line 1: is no compose file"), (["\n\nservices: [app]"], "a.yml: line 3: is no compose file"),
    (["services:\n  app: nginx"], "a.yml: line 2: service app is no mapping"), (["a: 1", "b: 1"], "a.yml + b.yml: no service named app"),
    (["services: { app: { image: '${X' } }"], "a.yml: line 1: \"${\" without \"}\""),
  ])
  func `what is no compose file of a recipe is refused by file and line`(texts: [String], words: String) {
    let failure = #expect(throws: Failure.self) { try composeFacts(texts: texts) }
    #expect(failure?.code == .badData && failure?.sentence.contains(words) == true, "\(failure?.sentence ?? "")")
  }
}

@Suite struct ComposeImageTests {
  @Test func `every service has an image, in one file or another`() throws {
    let bare = "services: { app: { image: 'a:1' }, db: { volumes: ['x:/x'] } }"
    try composeFacts(texts: [bare, "services: { db: { image: 'b:1' } }"]).checkImages("notes: compose.yml")
    let failure = #expect(throws: Failure.self) { try composeFacts(texts: [bare]).checkImages("notes: compose.yml") }
    #expect(failure?.sentence == "notes: compose.yml: service db has no image")
  }
}

@Suite struct ComposeInterpolationTests {
  @Test(arguments: [
    ("plain", "plain"), ("$A", "1"), ("${A}", "1"), ("x$A.y", "x1.y"), ("$A$B", "1"), ("$$A", "$A"), ("$$$A", "$1"), ("a$$", "a$"),
    ("${B}", ""),
    ("$NONE", ""), ("${NONE}", ""), ("${A:-d}", "1"), ("${B:-d}", "d"), ("${B-d}", ""), ("${NONE-d}", "d"), ("${NONE:-}", ""),
    ("${NONE:-${A}}", "1"), ("${NONE:-${NONE:-$A-x}}", "1-x"), ("${A:+y}", "y"), ("${B:+y}", ""), ("${B+y}", "y"), ("${NONE+y}", ""),
    ("${A:?no}", "1"), ("${A?no}", "1"), ("${B?no}", ""), ("${NONE:-a:b}", "a:b"), ("Host(`$A`${NONE})", "Host(`1`)"),
    ("${NONE:-{}}", "{}"),
    ("{{ env \"X\" }}", "{{ env \"X\" }}"), ("${a_1:-é}", "é"),
  ])
  func `variables are filled as docker fills them`(text: String, filled: String) throws {
    #expect(try ComposeInterpolation.filled(text, from: ["A": "1", "B": ""]) == filled)
  }

  @Test(arguments: [
    "$", "a $ b", "$1", "${", "${}", "${A", "${1}", "${A:}", "${A!x}", "${NONE:?say why}", "${NONE?say why}", "${B:?say why}", "$-",
    "${ A}",
  ])
  func `what docker refuses is refused`(text: String) {
    let problem = #expect(throws: ComposeInterpolation.Problem.self) {
      try ComposeInterpolation.filled(text, from: ["A": "1", "B": ""])
    }
    #expect(problem?.words.contains(text.contains("say why") ? "is not set: say why" : "$") == true)
  }
}

import Testing

@testable import CCCICore

@Suite struct BackupTargetTests {
  /// One service with two volumes, `data` at /var/lib/data and `deep` at /var/lib/data/deep, and these labels.
  private func facts(_ labels: [String: String]) -> ComposeFacts {
    let mounts = [("data", "/var/lib/data"), ("deep", "/var/lib/data/deep"), ("data", "/again")].map {
      ComposeFacts.Mount(kind: "volume", source: $0.0, target: $0.1)
    }
    let others = [ComposeFacts.Mount(kind: "bind", source: "/etc", target: "/host"), .init(kind: "volume", source: "", target: "/cache")]
    let service = ComposeFacts.Service(name: "app", image: "", labels: labels, mounts: mounts + others, replicas: 1, hasHealthcheck: false)
    return ComposeFacts(services: [service], volumes: ["data", "deep"])
  }

  @Test(arguments: [
    ([:], []), (["backupbot.backup": "false"], []), (["backupbot.backup.path": "/var/lib/data"], []),
    (["backupbot.backup": "true"], ["data:", "deep:"]), (["backupbot.backup": "TRUE"], ["data:", "deep:"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/data"], ["data:"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/data/"], ["data:"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/data/a/b.sql"], ["data:a/b.sql"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/data/deep/x"], ["deep:x"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/data/deeper"], ["data:deeper"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/again/x, /var/lib/data/deep,"], ["data:x", "deep:"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/etc/hosts"], ["none:etc/hosts"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/database"], ["none:var/lib/database"]),
    (["backupbot.backup": "true", "backupbot.backup.path": "/host/passwd"], ["none:host/passwd"]),
    (["backupbot.backup": "true", "backupbot.backup.volumes.deep": "false"], ["data:"]),
    (["backupbot.backup": "true", "backupbot.backup.volumes.deep": "false", "backupbot.backup.volumes.data": "False"], []),
    (["backupbot.backup": "true", "backupbot.backup.volumes.data.path": "a,b/c"], ["data:a", "data:b/c", "deep:"]),
    (["backupbot.backup": "true", "backupbot.backup.volumes.data.path": "/dump.sql"], ["data:dump.sql", "deep:"]),
    (["backupbot.backup": "true", "backupbot.backup.volumes.other.path": "x"], ["other:x", "data:", "deep:"]),
    (
      ["backupbot.backup": "true", "backupbot.backup.path": "/var/lib/data/x", "backupbot.backup.volumes.deep.path": "y"],
      ["data:x", "deep:y"]
    ),
  ])
  func `the labels name their paths, each in its volume`(labels: [String: String], expected: [String]) {
    let facts = facts(labels)
    #expect(BackupTarget.all(in: facts).map { "\($0.volume ?? "none"):\($0.path)" } == expected)
    #expect(BackupTarget.isCapable(facts) == (["true", "TRUE"].contains(labels["backupbot.backup"])))
  }

  @Test func `real recipes are judged by the labels that docker sees`() throws {
    let notes = BackupTarget.all(in: try composeFacts(["World/recipes/notes/tree/compose.yml"]))
    #expect(notes.map(\.description) == ["app: volume uploads", "db: backupbot.backup.volumes.dbdata.path=backup.json.gz"])
    #expect(notes.map(\.volume) == ["uploads", "dbdata"] && notes.map(\.path) == ["", "backup.json.gz"])
    #expect(
      BackupTarget.all(in: try composeFacts(["CCCICoreTests/Fixtures/compose/wide.yml", "CCCICoreTests/Fixtures/compose/wide.smtp.yml"]))
        .map(\.description) == ["app: volume data"])
  }
}

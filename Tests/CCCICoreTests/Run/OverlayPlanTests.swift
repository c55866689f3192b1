import CCCICore
import Testing

@Suite struct OverlayPlanTests {
  private static func resolve(_ entries: [(String, Bool)], extra: Bool = false) throws(Failure) -> OverlayPlan {
    try OverlayPlan.resolve(entries.map { OverlayPlan.Entry($0.0, isExecutable: $0.1) }, of: try RecipeName("notes"), extra: extra)
  }

  @Test(arguments: [
    ("test_install.py", Tier.install), ("test_upgrade.sh", .upgrade), ("test_backup", .backup), ("test_restore.py", .restore),
    ("test_custom.py", .custom), ("test_install_more.py", .custom), ("test_anything.py", .custom), ("functional/test_install.py", .custom),
    ("playwright/test_login.py", .custom), ("functional/api/v2/test_x.py", .custom), ("functional/test_x", .custom),
  ])
  func `a test stands in the tier of its name, a folder's in custom`(path: String, tier: Tier) throws {
    let plan = try Self.resolve([(path, !path.hasSuffix(".py"))])
    #expect(plan.tests.mapValues { $0.map(\.path) } == [tier: [path]] && plan.tests[tier]?.first?.isPytest == path.hasSuffix(".py"))
    #expect(plan.names == [tier.rawValue: [path]] && !plan.isEmpty && plan.notAsked.isEmpty)
  }

  @Test func `extra tests run when asked for, and are named when not`() throws {
    let entries = [("extra/test_load.py", false), ("extra/deep/test_slow", true), ("test_a.py", false)]
    #expect(try Self.resolve(entries).notAsked == ["extra/deep/test_slow", "extra/test_load.py"])
    let asked = try Self.resolve(entries, extra: true)
    #expect(asked.notAsked.isEmpty && asked.tests[.custom]?.map(\.path) == ["extra/deep/test_slow", "extra/test_load.py", "test_a.py"])
  }

  @Test func `hooks are found by their stem`() throws {
    let names = ["install_steps.sh", "pre_upgrade.sh", "backup_verify.py", "ops.py", "setup_custom_tests.sh"]
    let plan = try Self.resolve(names.map { ($0, $0.hasSuffix(".sh")) })
    #expect(
      Set(plan.hooks) == Set(names) && plan.hook("backup_verify") == "backup_verify.py" && plan.hook("pre_upgrade") == "pre_upgrade.sh")
    #expect(plan.hook("pre_up") == nil && plan.hook("pre_backup") == nil && plan.tests.isEmpty && !plan.isEmpty)
    #expect(try Self.resolve([("backup_verify", true)]).hook("backup_verify") == "backup_verify")
  }

  @Test(arguments: [
    "recipe.toml", "PARITY.md", "conftest.py", "helpers.py", "data/page.html", "data/test_page.html", "functional/conftest.py",
    "functional/data.json",
    "pre_upgrade_data.sql", "install_steps.json", "README",
  ])
  func `what is neither test nor hook is left alone`(path: String) throws {
    #expect(try Self.resolve([(path, false)]).isEmpty)
  }

  @Test(arguments: [
    ([("test_install.sh", false)], "chmod +x"), ([("functional/test_x", false)], "chmod +x"), ([("test_data.json", false)], "chmod +x"),
    ([("pre_upgrade.sh", false)], "chmod +x"), ([("install_steps.sh", false)], "chmod +x"), ([("backup_verify.sh", false)], "chmod +x"),
    ([("pre_upgrade.py", false)], "hooks are"), ([("pre_upgrade", true)], "hooks are"), ([("pre_custom.sh", true)], "hooks are"),
    ([("install_steps.py", false)], "hooks are"), ([("setup_custom_tests", true)], "hooks are"), ([("pre_restore.rb", true)], "hooks are"),
    ([("pre_upgrad.sh", true)], "hooks are"), ([("pre_flight.py", false)], "hooks are"),
    ([("backup_verify.py", false), ("backup_verify.sh", true)], "hooks are"), ([("unit/test_a.py", false)], "move it"),
    ([("unit/deep/test_a", true)], "move it"),
  ])
  func `what looks like a test or a hook and would never run is refused`(entries: [(String, Bool)], words: String) {
    let failure = #expect(throws: Failure.self) { try Self.resolve(entries) }
    #expect(
      failure?.what.contains("tests/notes/\(entries.last?.0 ?? "")") == true && failure?.next.contains(words) == true,
      "\(String(describing: failure))")
  }

  @Test(arguments: [
    ("test_run", "line 1: names no interpreter", "cannot be run"), ("pre_upgrade.sh", "line 1: x", "#!/bin/sh"),
    ("functional/test_a.py", "is a link that leads nowhere", "the file itself"),
    ("compose.ccci.yml", "is a link that leads nowhere", "cannot be run"),
  ])
  func `what could not be started is refused before anything is begun`(path: String, fault: String, words: String) throws {
    let recipe = try RecipeName("notes")
    let entry = OverlayPlan.Entry(path, isExecutable: true, fault: fault)
    let failure = #expect(throws: Failure.self) { try OverlayPlan.resolve([entry], of: recipe, extra: false) }
    #expect(
      failure?.sentence == "tests/notes/\(path): cannot be run: \(fault)" && "\(failure?.what ?? "") \(failure?.next ?? "")".contains(words)
    )
    let other = OverlayPlan.Entry("data/\(path).txt", isExecutable: true, fault: fault)
    #expect(try path.contains("test_") || OverlayPlan.resolve([other], of: recipe, extra: false).isEmpty)
  }

  @Test(arguments: ["ops.py/keep", "compose.ccci.yml/a/b", "pre_upgrade.sh/x", "test_a.py/test_b.py"])
  func `a folder is no hook and no test`(path: String) throws {
    let failure = #expect(throws: Failure.self) { try Self.resolve([(path, false)]) }
    #expect(failure?.sentence == "tests/notes/\(path.split(separator: "/")[0]): is a folder")
  }

  @Test func `a folder is listed to any depth, and copied with what its recipe needs`() throws {
    let folder = try TemporaryFolder()
    for path in ["notes/functional/api/__pycache__", "notes/.git", "ccci_test", "other"] {
      try Files.createDirectory(folder("tests/\(path)"))
    }
    for path in [
      "notes/recipe.toml", "notes/functional/api/test_a.py", "notes/functional/api/__pycache__/test_b.py", "notes/.git/test_c.py",
      "conftest.py",
      "ccci_test/__init__.py", "other/test_d.py",
    ] { try Files.write([10], to: folder("tests/\(path)")) }
    try Files.write([10], to: folder("tests/notes/test_run"), mode: 0o755)
    try Files.symlink(folder("tests/notes/test_link.sh"), to: "test_run")
    try Files.symlink(folder("tests/notes/test_dead.sh"), to: "gone")
    let overlays = try #require(try OverlayFolder.find(argument: folder("tests"), environment: [:], settings: Plans.settings))
    let recipe = try RecipeName("notes")
    let entries = try overlays.entries(of: recipe).sorted { $0.path < $1.path }
    #expect(entries.map(\.path) == ["functional/api/test_a.py", "recipe.toml", "test_dead.sh", "test_link.sh", "test_run"])
    #expect(entries.map(\.isExecutable) == [false, false, false, true, true])
    let nothing = "line 1: names no interpreter"
    #expect(entries.map(\.fault) == [nil, nil, "is a link that leads nowhere", nothing, nothing])
    #expect(try overlays.entries(of: RecipeName("none")) == [] && overlays.settings(of: recipe) == "\(folder.path)/tests/notes/recipe.toml")
    try Files.remove(folder("tests/notes/test_dead.sh"))
    try overlays.copy(for: [recipe], to: folder("copy"))
    #expect(try Files.list(folder("copy")) == ["ccci_test", "conftest.py", "notes"])
    #expect(Files.isExecutable(folder("copy/notes/test_run")))
  }

  @Test(arguments: ["tests", "Tests/World/overlays"])
  func `every recipe folder of this repository holds only what a run would call`(place: String) throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let overlays = try #require(try OverlayFolder.find(argument: "\(root)/\(place)", environment: [:], settings: Plans.settings))
    let names = try Files.list(overlays.path).filter { try Files.status("\(overlays.path)/\($0)")?.kind == .directory && $0 != "ccci_test" }
    #expect(!names.isEmpty)
    for name in names {
      let recipe = try RecipeName(name)
      _ = try RecipeSettings.read(overlays.settings(of: recipe))
      _ = try OverlayPlan.resolve(try overlays.entries(of: recipe), of: recipe, extra: true)
    }
  }

  @Test func `the folder is the argument's, else the workspace's under Drone, else the settings'`() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "w/tests", "s"] { try Files.createDirectory(folder(name)) }
    var settings = Plans.settings
    settings.host.tests = folder("s")
    let drone = ["DRONE": "true", "DRONE_WORKSPACE": folder("w")]
    #expect(try OverlayFolder.find(argument: folder("a"), environment: drone, settings: settings)?.path == folder("a"))
    #expect(try OverlayFolder.find(argument: nil, environment: drone, settings: settings)?.path == folder("w/tests"))
    #expect(try OverlayFolder.find(argument: nil, environment: ["DRONE_WORKSPACE": folder("w")], settings: settings)?.path == folder("s"))
    #expect(
      try OverlayFolder.find(argument: nil, environment: ["DRONE": "true", "DRONE_WORKSPACE": "/none"], settings: settings)?.path
        == folder("s"))
    let failure = #expect(throws: Failure.self) { try OverlayFolder.find(argument: folder("none"), environment: drone, settings: settings) }
    #expect(failure?.code == .noInput)
  }
}

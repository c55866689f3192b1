import CCCICore
import Testing

/// `Sources/CCCICore` as it stands in this checkout.
private func ourSources() throws(Failure) -> [Layers.Source] {
  let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/Sources/CCCICore"
  var sources: [Layers.Source] = []
  var folders = [""]
  while let folder = folders.popLast() {
    for name in try Files.list("\(root)/\(folder)") {
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      if try Files.status("\(root)/\(path)")?.kind == .directory { folders.append(path) }
      guard name.hasSuffix(".swift") else { continue }
      sources.append(Layers.Source(path: path, text: String(decoding: try Files.read("\(root)/\(path)"), as: UTF8.self)))
    }
  }
  return sources
}

@Suite struct LayeringTests {
  @Test func `no source uses a room below it or beside it, and none says what none may say`() throws {
    let breaches = Layers.breaches(in: try ourSources())
    #expect(breaches.isEmpty, "\n\(breaches.joined(separator: "\n"))")
  }

  @Test func `every room that is built declares types, and well-known ones are found where they stand`() throws {
    let rooms = Layers.rooms(of: try ourSources())
    for (type, room) in [
      "Failure": "root", "Host": "System", "EnvFile": "Recipe", "Verdict": "Recipe", "Results": "State", "Engine": "Clients/Engine",
      "Abra": "Clients/Abra", "AbraLint": "Clients/Abra", "Git": "Clients/Git", "ComposeFiles": "Apps", "Canary": "Apps",
      "Mask": "Tool", "WholeRun": "Run",
    ] {
      #expect(rooms[type]?.map(\.name) == [room], "\(type)")
    }
    #expect(rooms["Listing"] == nil, "private types are nobody's business")
  }

  @Test(arguments: [
    ("Recipe/A.swift", "struct A { var results: Results? }", "Recipe/A.swift:1: Recipe uses Results of State"),
    ("System/A.swift", "let a = 1\nfunc f() { _ = Canary.self }", "System/A.swift:2: System uses Canary of Apps"),
    ("State/A.swift", "let text = \"see \\(Mask.shortest)\"", "State/A.swift:1: State uses Mask of Tool"),
    ("Apps/A.swift", "extension Mask {}", "Apps/A.swift:1: Apps uses Mask of Tool"),
    ("Poll/A.swift", "func f(_ run: ColdRun) {}", "Poll/A.swift:1: Poll uses ColdRun of Run"),
    ("Clients/Abra.swift", "let git: Git", "Clients/Abra.swift:1: Clients/Abra uses Git of Clients/Git"),
    ("Clients/Git.swift", "let engine: Engine", "Clients/Git.swift:1: Clients/Git uses Engine of Clients/Engine"),
    ("Clients/Engine/A.swift", "let lint = AbraLint()", "Clients/Engine/A.swift:1: Clients/Engine uses AbraLint of Clients/Abra"),
    ("Clients/Gitea.swift", "let a = 1", nil), ("Clients/Drone.swift", "let a = Failure()", nil),
    ("State/B.swift", "func f() -> Results.Extra", "State/B.swift:1: State uses Results.Extra of Run"),
    ("Cellar/A.swift", "let a = 1", "Cellar/A.swift: its folder is no room of the table"),
    ("Clients/Forge.swift", "let a = 1", "Clients/Forge.swift: its folder is no room of the table"),
    ("Run/A.swift", "func f() { exit(1) }", "Run/A.swift:1: exit( outside of Tool"),
    ("Run/A.swift", "func f() { Glibc.exit(1) }", "Run/A.swift:1: exit( outside of Tool"),
    ("Run/A.swift", "import Foundation", "Run/A.swift:1: imports Foundation, not FoundationEssentials"),
    ("Run/A.swift", "public import Foundation", "Run/A.swift:1: imports Foundation, not FoundationEssentials"),
    ("Run/A.swift", "let a = try! f()", "Run/A.swift:1: try!"), ("Run/A.swift", "let a = b as! C", "Run/A.swift:1: as!"),
    ("Run/A.swift", "fatalError(\"no\")", "Run/A.swift:1: fatalError"),
    ("Run/A.swift", "/* /* */ nothing */ let a = try! f()", "Run/A.swift:1: try!"),
  ])
  func `what breaks a rule is caught, and named by file, line and type`(path: String, text: String, breach: String?) {
    #expect(Self.breaches(path, text) == [breach].compactMap { $0 })
  }

  @Test(arguments: [
    ("Recipe/A.swift", "/// Read by `Results`.\n// Canary\n/* Mask /* ColdRun */ Git */ let a = \"Results Canary\" // Mask"),
    ("Recipe/A.swift", "let a = \"\"\"\n  Results \\n \"Canary\"\n  \"\"\""),
    ("Recipe/A.swift", "let a = #\"Results \\(Mask) \" Canary\"#"),
    ("Recipe/A.swift", "struct A { struct Results {}\n var a: Results }"), ("Recipe/A.swift", "let a = thing.Results"),
    ("Run/A.swift", "let a: Results, b: Canary, c: Mask, d: Git, e: Engine, f: Failure"), ("Tool/A.swift", "func f() { Glibc.exit(1) }"),
    ("Run/A.swift", "root.exit(withError: error); let exit = 1; func exit_(a: Int)"),
    ("Run/A.swift", "import FoundationEssentials\nlet a = try? f(); let b = c as? D; let d = a != b"),
    ("Recipe/A.swift", "private struct Results {}\nlet a = Results()"), ("Clients/Git.swift", "let a: EnvFile, b: Host, c: Failure"),
  ])
  func `what breaks no rule is left alone`(path: String, text: String) {
    #expect(Self.breaches(path, text) == [])
  }

  /// The breaches of one file among a few others.
  private static func breaches(_ path: String, _ text: String) -> [String] {
    let others = [
      ("Failure.swift", "public struct Failure: Error {}"), ("System/Host.swift", "public struct Host {}"),
      ("Recipe/EnvFile.swift", "public struct EnvFile {}"), ("State/Results.swift", "public struct Results: Sendable {\n struct Base {} }"),
      ("Run/More.swift", "extension Results { public struct Extra {} }"), ("Clients/Git.swift", "public struct Git {}"),
      ("Clients/AbraLint.swift", "public enum AbraLint { struct Row {} }"), ("Clients/Engine/Engine.swift", "public final class Engine {}"),
      ("Apps/Canary.swift", "public actor Canary {}"), ("Tool/Mask.swift", "public protocol Mask {}"),
      ("Run/ColdRun.swift", "typealias ColdRun = Int"),
    ]
    let sources = others.map { Layers.Source(path: $0.0, text: $0.1) }
    return Layers.breaches(in: sources + [Layers.Source(path: path, text: text)])
  }
}

import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct ClaimGateTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder(inMemory: true)
    let settings = "[host]\nzone = \"ci.example.org\"\nruns = \"\(folder("runs"))\"\nshelf = \"\(folder("shelf"))\"\n"
    try Files.write(Array(settings.utf8), to: folder("settings.toml"))
  }

  private func enter(_ more: [String: String]) throws -> (claim: RunClaim?, id: String?) {
    var environment = ["CCCI_SETTINGS": folder("settings.toml"), "RECIPE": "notes", "REF": Records.sha, "DRONE": "true"]
    environment.merge(more) { $1 }
    let tool = Tool(host: FakeForge().host, environment: environment, console: Console(program: "test"))
    var arguments = RunRequest.Arguments()
    let claim = try ClaimGate(tool: tool).enter(&arguments)
    return (claim, arguments.runID)
  }

  @Test func `the second build of a trigger is told who has the run`() throws {
    let key = ["CCCI_TRIGGER": "git.example.org/recipes/notes#12@901"]
    let first = try enter(key.merging(["DRONE_BUILD_NUMBER": "42"]) { $1 })
    #expect(first.claim == nil && first.id == "d42")
    let second = try enter(key.merging(["DRONE_BUILD_NUMBER": "43"]) { $1 })
    #expect(second.claim?.run == "d42" && second.claim?.build == 42)
    for variable in ["DRONE_BUILD_PARENT", "CI_PARENT_BUILD_NUMBER"] {
      #expect(try enter(key.merging(["DRONE_BUILD_NUMBER": "44", variable: "42"]) { $1 }).claim == nil, "a restart is meant")
      #expect(try enter(key.merging(["DRONE_BUILD_NUMBER": "45", variable: "0"]) { $1 }).claim?.run == "d42")
    }
    #expect(try enter(key.merging(["DRONE_BUILD_NUMBER": "46", "CI_PARENT_BUILD_NUMBER": "42", "DRONE": ""]) { $1 }).claim?.run == "d42")
  }

  @Test func `a run without a trigger claims nothing`() throws {
    #expect(try enter(["DRONE_BUILD_NUMBER": "42"]).claim == nil)
    #expect(try Files.status(folder("runs/claims")) == nil)
  }
}

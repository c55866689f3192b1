import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct HousekeepingTests {
  @Test(arguments: [true, false])
  func `a host that has not run anything yet is measured where there is something`(isDry: Bool) async throws {
    let folder = try TemporaryFolder()
    var settings = Settings()
    (settings.host.runs, settings.host.shelf, settings.host.lock) = (folder("runs"), folder("shelf"), folder("locks"))
    (settings.run.diskWarn, settings.run.diskAct, settings.run.diskRefuse, settings.run.diskFloor) = (100, 100, 100, 0)
    let info = String(decoding: try recording("info.json"), as: UTF8.self).replacing("/var/lib/docker", with: folder.path)
    let fake = FakeEngine(["GET /info": .json(info)])
    let tool = Tool(host: fake.host, environment: [:], console: Console(program: "test"))
    let findings = try await Housekeeping(tool: tool, settings: settings).pass(isDry: isDry) { () async throws(Failure) in [] }
    #expect(findings.filter { $0.kind != .disk } == [])
    #expect(try Files.status(folder("runs")) == nil)
  }
}

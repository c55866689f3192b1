import Testing

@testable import CCCICore

@Suite struct TierSheetTests {
  private static func sheet(_ tier: Tier, optOut: Bool = false, environment: [String: String] = [:]) throws -> (TestStage, TierSheet) {
    let plan = try Plans.plan(try Plans.request()) { $0.skipGeneric = optOut ? [tier] : [] }
    let test = try TestStage(plan, environment: environment)
    return (test, TierSheet(tier, test.stage))
  }

  @Test func `an assertion that does not hold is kept, and ends what stands on it`() async throws {
    var (_, sheet) = try Self.sheet(.install)
    #expect(try await sheet.check(.installDeployed) { () async throws(Failure) in .pass })
    #expect(try await !sheet.check(.installServing) { () async throws(Failure) in .fail(.routing, "answers 500", log: ["a line"]) })
    #expect(sheet.tests.map(\.name) == ["install deployed", "install serving"] && sheet.tests.map(\.outcome) == [.pass, .fail])
    #expect(sheet.result.outcome == .fail && sheet.result.reason == .routing && sheet.result.because == "answers 500")
  }

  @Test func `an opt-out hides a generic answer, and leaves out nothing that follows`() async throws {
    var (_, sheet) = try Self.sheet(.install, optOut: true)
    #expect(try await sheet.check(.installDeployed) { () async throws(Failure) in .pass }, "the op is always asserted")
    #expect(
      try await sheet.check(.installServing) { () async throws(Failure) in .fail(.routing, "answers 500") },
      "overlays must run all the same")
    sheet.add([TestResult(name: "test_page", origin: .overlay, outcome: .fail)])
    #expect(sheet.tests.map(\.name) == ["install deployed", "test_page"] && sheet.result.outcome == .fail)
  }

  @Test func `an op that fails ends the tier, opt-out or not`() async throws {
    for optOut in [false, true] {
      var (_, sheet) = try Self.sheet(.backup, optOut: optOut)
      #expect(try await !sheet.check(.backupCreated) { () async throws(Failure) in .error(.infra, "no space") })
      #expect(sheet.result.outcome == .error && sheet.result.reason == .infra)
    }
  }

  @Test func `secrets do not stand in what is kept, and the first log is the tail`() async throws {
    var (test, sheet) = try Self.sheet(.install)
    test.stage.console.mask.add("s3cretpassword")
    _ = try await sheet.check(.installDeployed) { () async throws(Failure) in .fail(.assertion, "with s3cretpassword", log: ["first"]) }
    sheet.add(.error(.harness, "again", log: ["second"]), named: "hook", origin: .overlay, seconds: 1)
    #expect(sheet.tests[0].because == "with •••" && sheet.tests[1].origin == .overlay && test.stage.ledger.now.logTail == ["first"])
  }

  @Test(arguments: GenericAssertion.allCases)
  func `each assertion can be switched off for its mutation test, and no other with it`(_ assertion: GenericAssertion) async throws {
    let finding = Finding.fail(.assertion, "broken")
    let environment = ["CCCI_MUTATE": assertion.rawValue]
    #expect(Mutation.applied(to: finding, of: assertion, environment).outcome == .pass)
    for other in GenericAssertion.allCases where other != assertion {
      #expect(Mutation.applied(to: finding, of: other, environment) == finding)
    }
    #expect(Mutation.applied(to: finding, of: assertion, [:]) == finding)
  }
}

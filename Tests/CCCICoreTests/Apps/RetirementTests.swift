import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct RetirementTests {
  private static let now = Date(timeIntervalSince1970: 1_790_000_000)
  private static func ago(_ days: Double) -> Date { now.addingTimeInterval(-days * 86_400) }

  private func decide(_ candidates: [(String, Date?)], warmed: Retirement.Warmed, notice: Duration = Retirement.notice) -> Retirement.Answer
  {
    Retirement.decide(
      candidates.map { Retirement.Candidate(recipe: $0.0, unwarmed: $0.1) }, warmed: warmed, notice: notice, now: Self.now)
  }

  @Test func `what is warmed no longer goes 7 days after it was noticed`() {
    let warmed = Retirement.Warmed.known(["a", "b", "c", "d", "e"])
    let others: [(String, Date?)] = [("a", nil), ("b", nil), ("c", nil), ("d", Self.ago(3))]
    let rest: [Retirement.Decision] = [.keep, .keep, .keep, .warmedAgain]
    #expect(decide(others + [("x", nil)], warmed: warmed) == .decided(rest + [.noticed(goes: Self.ago(-7))]))
    #expect(decide(others + [("x", Self.ago(6.9))], warmed: warmed) == .decided(rest + [.waiting(goes: Self.ago(-0.1))]))
    #expect(decide(others + [("x", Self.ago(7))], warmed: warmed) == .decided(rest + [.retire(since: Self.ago(7))]))
    #expect(
      decide(others + [("x", Self.ago(1))], warmed: warmed, notice: Retirement.pressed) == .decided(rest + [.retire(since: Self.ago(1))]))
    // One alone is no accident of all.
    #expect(decide([("x", Self.ago(8))], warmed: .known(["a"])) == .decided([.retire(since: Self.ago(8))]))
  }

  @Test func `what looks like a mistake takes nothing along`() {
    guard case .refused(let why) = decide([("a", nil), ("b", nil), ("x", Self.ago(9)), ("y", nil)], warmed: .known(["a", "b"])) else {
      Issue.record("half of them would go")
      return
    }
    #expect(why.contains("2 of 4"))
    #expect(decide([("x", Self.ago(9))], warmed: .unknown("no such folder")) == .refused("no such folder"))
  }

  @Test func `a recipe.toml that cannot be read, and a tests folder without any, say nothing about anybody`() throws {
    let folder = try TemporaryFolder()
    let tests = folder("tests")
    #expect(try Retirement.Warmed.read(tests) == .unknown("\(tests): no such folder"))
    try Files.createDirectory("\(tests)/plain")
    #expect(try Retirement.Warmed.read(tests) == .unknown("\(tests): no recipe.toml in any folder"))
    for (name, text) in [("notes", "warm_canonical = true\n"), ("cold", "")] {
      try Files.createDirectory("\(tests)/\(name)")
      try Files.write(Array(text.utf8), to: "\(tests)/\(name)/recipe.toml")
    }
    #expect(try Retirement.Warmed.read(tests) == .known(["notes"]))
    try Files.write(Array("warm_canonicle = true\n".utf8), to: "\(tests)/cold/recipe.toml")
    guard case .unknown(let why) = try Retirement.Warmed.read(tests) else {
      Issue.record("a key that there is not")
      return
    }
    #expect(why.contains("warm_canonicle"))
  }
}

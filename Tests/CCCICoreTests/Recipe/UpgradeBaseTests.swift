import CCCICore
import Testing

/// A commit id made of one digit.
func commit(_ digit: Character) throws -> CommitID { try #require(CommitID(String(repeating: digit, count: 40))) }

@Suite struct UpgradeBaseTests {
  /// `1.0.0+1@a` or, lightweight, `1.0.0+1@a~`.
  private static func releases(_ texts: [String]) throws -> [UpgradeBase.Release] {
    try texts.map { text in
      let parts = text.split(separator: "@")
      let digit = try #require(parts[1].first)
      return UpgradeBase.Release(
        version: try #require(RecipeVersion(String(parts[0]))), commit: try commit(digit), isAnnotated: !parts[1].hasSuffix("~"))
    }
  }

  struct Case: Sendable {
    var name: String
    var version: String?
    var releases: [String] = []
    var isPinned = true
    var main: Character?
    var canonical: String?
    var isPlanned = true
    var expectedNA: String?
    /// `version 1.0.0+1@a`, `ref a`, `skip declared`.
    var expected: String
  }

  /// The head is always commit `f`.
  static let cases = [
    Case(name: "1: not planned", version: "1.1.0+1", releases: ["1.0.0+1@a"], isPlanned: false, expected: "skip structural"),
    Case(name: "1: declared", version: "1.1.0+1", releases: ["1.0.0+1@a"], expectedNA: "moved", expected: "skip declared"),
    Case(name: "1: not planned and declared", isPlanned: false, expectedNA: "moved", expected: "skip structural"),
    Case(
      name: "2: the newest older", version: "1.1.0+1", releases: ["0.9.0+1@a", "1.0.0+1@b", "2.0.0+1@c"], expected: "version 1.0.0+1@b"),
    Case(name: "2: same label, other commit", version: "1.0.0+1", releases: ["0.9.0+1@a", "1.0.0+1@b"], expected: "version 1.0.0+1@b"),
    Case(name: "2: same label, same commit", version: "1.0.0+1", releases: ["0.9.0+1@a", "1.0.0+1@f"], expected: "version 0.9.0+1@a"),
    Case(name: "2: only newer", version: "1.0.0+1", releases: ["1.1.0+1@a"], main: "b", expected: "ref b"),
    Case(name: "2: app version counts", version: "1.0.0+2", releases: ["1.0.0+1@a", "1.0.0+3@b"], expected: "version 1.0.0+1@a"),
    Case(name: "2: an older name of the head", version: "1.1.0+1", releases: ["1.0.0+1@f", "0.9.0+1@a"], expected: "version 0.9.0+1@a"),
    Case(name: "2: a lightweight tag is one", version: "1.1.0+1", releases: ["1.0.0+1@a~"], expected: "version 1.0.0+1@a"),
    Case(name: "2: canonical alone", version: "1.1.0+1", canonical: "1.0.0+1@c", expected: "version 1.0.0+1@c canonical"),
    Case(
      name: "2: canonical on a tie", version: "1.1.0+1", releases: ["1.0.0+1@a"], canonical: "1.0.0+1@c",
      expected: "version 1.0.0+1@c canonical"),
    Case(
      name: "2: canonical newest", version: "1.1.0+1", releases: ["0.9.0+1@a"], canonical: "1.0.0+1@c",
      expected: "version 1.0.0+1@c canonical"),
    Case(name: "2: canonical older", version: "1.1.0+1", releases: ["1.0.0+1@a"], canonical: "0.9.0+1@c", expected: "version 1.0.0+1@a"),
    Case(
      name: "2: canonical newer than the head", version: "1.1.0+1", releases: ["1.0.0+1@a"], canonical: "1.2.0+1@c",
      expected: "version 1.0.0+1@a"),
    Case(
      name: "2: canonical is the head", version: "1.1.0+1", releases: ["1.0.0+1@a"], canonical: "1.1.0+1@f", expected: "version 1.0.0+1@a"),
    Case(
      name: "2: no ref, strictly older", version: "1.1.0+1", releases: ["1.0.0+1@a", "1.1.0+1@b"], isPinned: false,
      expected: "version 1.0.0+1@a"),
    Case(
      name: "2: no ref, canonical strictly older", version: "1.1.0+1", releases: ["1.0.0+1@a"], isPinned: false, canonical: "1.1.0+1@c",
      expected: "version 1.0.0+1@a"),
    Case(name: "3: no version", releases: ["1.0.0+1@a", "2.0.0+1@b"], main: "c", expected: "version 2.0.0+1@b"),
    Case(name: "3: no version, newest is the head", releases: ["1.0.0+1@a", "2.0.0+1@f"], expected: "version 1.0.0+1@a"),
    Case(name: "3: no version, no release", main: "c", expected: "ref c"),
    Case(name: "4: the main branch", version: "1.0.0+1", main: "b", expected: "ref b"),
    Case(name: "4: the main branch is the head", version: "1.0.0+1", main: "f", expected: "skip structural"),
    Case(
      name: "4: no ref, no branch", version: "1.0.0+1", releases: ["1.0.0+1@f"], isPinned: false, main: "b", expected: "skip structural"),
    Case(name: "5: nothing", version: "1.0.0+1", expected: "skip structural"), Case(name: "5: nothing at all", expected: "skip structural"),
  ]

  @Test(arguments: cases)
  func `the base is what the rules say`(_ row: Case) throws {
    let question = UpgradeBase.Question(
      head: try commit("f"), headVersion: row.version.flatMap { RecipeVersion($0) }, isPinned: row.isPinned,
      releases: try Self.releases(row.releases), mainTip: try row.main.map { try commit($0) },
      canonical: try row.canonical.map { try Self.releases([$0])[0] }, isPlanned: row.isPlanned, expectedNA: row.expectedNA)
    let base = UpgradeBase.resolve(question)
    let found =
      switch base {
      case .version(let version, let commit, let because):
        "version \(version)@\(commit.text.prefix(1))\(because.contains("canonical") ? " canonical" : "")"
      case .ref(let commit, _): "ref \(commit.text.prefix(1))"
      case .skip(let reason, _): "skip \(reason.rawValue)"
      }
    #expect(found == row.expected)
    #expect(!base.because.isEmpty && base.kind == String(row.expected.prefix { $0 != " " }) && base.commit != question.head)
    #expect((base.commit == nil) == (base.kind == "skip"))
  }

  @Test func `no base is newer than the head, equal to it, or left out while there is one`() throws {
    var dice = Lots(3)
    let digits = Array("0123456789abcdef")
    for _ in 0..<5_000 {
      let texts = (0..<dice.number(0...5)).map { _ in
        "\(dice.number(0...2)).\(dice.number(0...1)).0+\(dice.number(1...2))@\(dice.pick(digits))"
      }
      let head = dice.isOne(in: 4) ? nil : RecipeVersion("\(dice.number(0...2)).\(dice.number(0...1)).0+\(dice.number(1...2))")
      let question = UpgradeBase.Question(
        head: try commit("f"), headVersion: head, isPinned: dice.isOne(in: 2), releases: try Self.releases(texts),
        mainTip: try commit(dice.pick(digits)))
      let eligible = question.releases.filter { release in
        release.commit != question.head && head.map { question.isPinned ? release.version <= $0 : release.version < $0 } ?? true
      }
      let base = UpgradeBase.resolve(question)
      try #require(base.commit != question.head)
      guard case .version(let version, let commit, _) = base else {
        try #require(eligible.isEmpty, "\(texts) has a base for \(String(describing: head))")
        continue
      }
      try #require(eligible.contains { $0.version == version && $0.commit == commit } && eligible.allSatisfy { $0.version <= version })
    }
  }

  @Test(arguments: [
    ("1.1.0+1", ["0.9.0+1@a", "1.0.0+1@b", "1.1.0+1@c"], "1.0.0+1"), ("1.1.0+1", ["1.0.0+1@f", "0.9.0+1@a"], "0.9.0+1"),
    ("1.0.0+1", ["1.0.0+1@a", "1.1.0+1@b"], nil), ("1.0.0+1", [], nil), ("1.0.0+2", ["1.0.0+1@a"], "1.0.0+1"),
  ])
  func `behind a broken base comes the next older release`(version: String, releases: [String], expected: String?) throws {
    let older = UpgradeBase.older(than: try #require(RecipeVersion(version)), among: try Self.releases(releases), head: try commit("f"))
    #expect(older?.version.text == expected)
  }
}

import CCCICore
import Testing

@Suite struct RecipeVersionTests {
  static let rising = [
    "0.1.0+1", "0.9.9+99", "0.10.0+1.0.0", "1.0.0+0", "1.0.0+1.0", "1.0.0+1.9", "1.0.0+1.27.2", "1.0.0+1.27.2-alpine",
    "1.0.0+1.27.10", "1.0.0+01", "1.0.0+9", "1.0.0+20231231", "1.0.0+99999999999999999999", "1.0.0+100000000000000000000", "1.0.0+v2",
    "1.0.0+v10",
    "1.0.1+0", "1.1.0+1.15", "2.0.0+1.0.5-social-amd64", "10.0.0+1",
  ]

  @Test func `versions rise by their recipe numbers, then by the runs of the app version`() throws {
    let versions = try Self.rising.map { try #require(RecipeVersion($0)) }
    for (index, left) in versions.enumerated() {
      for right in versions[(index + 1)...] { #expect(left < right && !(right < left) && left != right, "\(left) and \(right)") }
    }
    #expect(versions.map(\.text) == Self.rising && versions[19].major == 10 && versions[0].app == "1")
  }

  @Test(arguments: [
    "", "+", "+1", "1.2+1", "1.2.3", "1.2.3+", "v1.2.3+1", "1.2.3.4+1", "1.2.x+1", "1.-2.3+1", "1..3+1", "1.2.3+a b", "1.2.3+é",
    "1.2.3+a\nb", " 1.2.3+1", "1.2.3+1 ", "99999999999999999999.0.0+1", "１.2.3+1", "tags/1.2.3+1", "latest", "1.2.3+\u{7F}",
  ])
  func `what is not three numbers and an app version is no version`(text: String) {
    #expect(RecipeVersion(text) == nil)
  }

  @Test func `the order is total over 10 000 generated versions`() throws {
    var dice = Lots(1)
    let pieces = ["0", "1", "00", "9", "10", ".", "-", "a", "b2", "rc", "+", "999999999999999999", "0000000000", "Z"]
    let versions = try (0..<10_000).map { _ in
      let text = "\(dice.number(0...1)).\(dice.number(0...1)).\(dice.pick(["0", "00", "2"]))+\(dice.text(of: pieces, 1...6))"
      return try #require(RecipeVersion(text))
    }
    for _ in 0..<10_000 {
      let (a, b, c) = (dice.pick(versions), dice.pick(versions), dice.pick(versions))
      let ab = a < b
      try #require([ab, b < a, a == b].count { $0 } == 1, "\(a) and \(b): smaller, equal or greater, and only one of them")
      try #require(!(ab && b < c) || a < c, "\(a) < \(b) < \(c)")
    }
    let sorted = versions.prefix(500).sorted()
    #expect(sorted.reversed().sorted() == sorted)
  }
}

import CCCICore
import Testing

@Suite struct TestmeCommentTests {
  @Test(arguments: [
    ("!testme", PollOrder(.testme)), ("!testme\n", PollOrder(.testme)), ("\n \n\t\n!testme", PollOrder(.testme)),
    ("!testme\r\nplease", PollOrder(.testme)), ("\r\n\r\n!testme\r\n", PollOrder(.testme)), ("   !testme", PollOrder(.testme)),
    ("!testme   ", PollOrder(.testme)), ("!testme\t--quick", PollOrder(.testme, quick: true)),
    ("!testme --quick", PollOrder(.testme, quick: true)), ("!testme --extra", PollOrder(.testme, extra: true)),
    ("!testme --extra-tests --quick", PollOrder(.testme, quick: true, extra: true)),
    ("!testme --tiers install", PollOrder(.testme, tiers: [.install])),
    ("!testme --tiers upgrade,install --quick", PollOrder(.testme, quick: true, tiers: [.install, .upgrade])),
    ("!testme --tiers install,upgrade,backup,restore,custom", PollOrder(.testme)),
    ("!status", PollOrder(.status)), ("!cancel ", PollOrder(.cancel)), ("!help\nthanks", PollOrder(.help)),
    ("!testme\n\n> !cancel", PollOrder(.testme)),
  ])
  func `what can be said`(body: String, order: PollOrder) { #expect(TestmeComment.parse(body) == order) }

  @Test(arguments: [
    "!testme --fast", "!testme please", "!testme --quick --quick", "!testme --extra --extra-tests", "!testme --tiers",
    "!testme --tiers all", "!testme --tiers upgrade", "!testme --tiers install,install", "!testme --tiers install,",
    "!testme --tiers=install", "!testme --quick=1", "!testme -q", "!testme $(id)", "!testme ; reboot", "!testme --tiers install install",
    "!testme --tiers install,restore", "!testme \u{2014}quick", "!testme !testme", "!testme --QUICK",
    "!testme " + String(repeating: " ", count: 400) + "--quick", "!testme --tiers install --tiers install",
  ])
  func `what asks for an answer with the grammar`(body: String) { #expect(TestmeComment.parse(body) == PollOrder(.unclear)) }

  @Test(arguments: [
    "", " ", "\n\n\n", "testme", "!testmexyz", "!test me", "! testme", "!TESTME", "!Testme", "> !testme", ">!testme", "```\n!testme\n```",
    "~~~\n!testme", "    !testme", "\t!testme", " \t!testme", "please !testme", "hi\n!testme", "<!-- x -->\n!testme", "- !testme",
    "* !testme", "1. !testme", "`!testme`", "**!testme**", "!testme.", "!testme,", "!testme!", "\\!testme", "\u{FF01}testme",
    "!\u{200B}testme", "!testme\u{200B}", "\u{FEFF}!testme", "\u{202E}!testme", "\u{00A0}!testme", "!testme\u{00A0}--quick",
    "!t\u{0435}stme", "!testme\u{0301}", "!testme\0", "\0!testme", "!testme\u{0B}", "!testme\u{0C}--quick", "!testme\u{2028}--quick",
    "!status now", "!cancel 12", "!help me", "!statusx", "| !testme |", "# !testme", "[!testme](x)", "<p>!testme</p>", "!testme\u{85}",
    "@bot !testme", "&#33;testme", "!testme/", "!!testme", "--quick", "\u{2003}!testme", "\r!testme",
  ])
  func `what asks for nothing`(body: String) { #expect(TestmeComment.parse(body) == nil) }

  @Test func `flags are said as they would be typed, and read again as themselves`() {
    let tiers: [[Tier]?] = [nil, [.install], [.install, .upgrade, .backup, .restore], [.install, .custom]]
    for (quick, extra) in [(false, false), (true, false), (false, true), (true, true)] {
      for tiers in tiers {
        let order = PollOrder(.testme, quick: quick, extra: extra, tiers: tiers)
        #expect(TestmeComment.parse("!testme\(order.flags)") == order)
      }
    }
  }

  /// Seeds are printed: a failure can be repeated. `CCCI_FUZZ_SECONDS` makes it longer.
  @Test func `no bytes bring the parser down, and only the four words are orders`() {
    let seconds = Fuzz.seconds(2)
    let seed = UInt64.random(in: .min ... .max)
    var random = Fuzz.Generator(seed: seed)
    let pieces = [
      "!testme", "!status", "!cancel", "!help", " ", "\t", "\n", "\r\n", "\r", "--quick", "--extra", "--extra-tests", "--tiers", "install",
      "upgrade,", ",", ">", "```", "    ", "\0", "\u{FEFF}", "\u{301}", "\u{200B}", "é", "💥", "=", "!", "-", "@all", "#1", "$(id)",
    ].map { Array($0.utf8) }
    let end = ContinuousClock.now + .seconds(seconds)
    var (count, orders) = (0, 0)
    while ContinuousClock.now < end {
      for _ in 0..<500 {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &random) {
          bytes += Bool.random(using: &random) ? pieces.randomElement(using: &random) ?? [] : [UInt8.random(in: 0...255, using: &random)]
        }
        let body = String(decoding: bytes, as: UTF8.self)
        count += 1
        guard let order = TestmeComment.parse(body) else { continue }
        orders += 1
        let first = body.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).first {
          $0.contains { $0 != " " && $0 != "\t" }
        }
        #expect(first?.drop { $0 == " " }.first == "!", "\(body.debugDescription), seed \(seed)")
        #expect(order.tiers?.contains(.install) != false)
      }
    }
    print("grammar: \(count) texts in \(seconds) s, \(orders) orders, seed \(seed)")
    #expect(orders > 0)
  }
}

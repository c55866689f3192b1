import Testing

@testable import CCCICore

@Suite struct TraefikRuleTests {
  private static let own = PolicyFixture.domain.text

  @Test(arguments: [
    "Host(`D`)", "Host(\"D\")", "host(`D`)", " HOST( `D` , `www-D` ) ", "HostSNI(`mail-D`)", "HostHeader(`D`)", "((Host(`D`)))",
    "Host(`D`) && PathPrefix(`/a`, `/b`)", "PathPrefix(`/`) && (Host(`D`) || Host(`x-D`))", "Host(`D`) && !PathPrefix(`/a`)",
    "Host(`D`) || Host(`x-D`) && Path(`/`)", "!Method(`GET`) && Host(`D`)", "Host(`D`) && HostRegexp(`.*`)", "Host(`UPPER`)",
  ])
  func `a rule that can only match the app's own names is its own`(rule: String) {
    #expect(reach(rule) == .own)
  }

  @Test(arguments: [
    ("Host(`x.org`)", ["x.org"]), ("Host(`D`, `x.org`)", ["x.org"]), ("Host(`D`) && Host(`x.org`)", ["x.org"]),
    ("Host(`D`) || Path(`/`) && HostSNI(`x.org`)", ["x.org"]), ("!Host(`x.org`)", ["x.org"]), ("Host(`D.evil.org`)", ["D.evil.org"]),
    ("Host(`xD`)", ["xD"]), ("Host(`-D`)", ["-D"]), ("Host(`a.b-D`)", ["a.b-D"]), ("Host(``)", [""]), ("Host(`D `)", ["D "]),
    ("Host(`é-D`)", ["é-D"]), ("Host(`other-ab12cd.ci.example.org`)", ["other-ab12cd.ci.example.org"]),
  ])
  func `a rule that names another host is foreign, wherever it names it`(rule: String, hosts: [String]) {
    #expect(reach(rule) == .foreign(hosts.map { $0.replacing("D", with: Self.own) }))
  }

  @Test(arguments: [
    ("", "cannot be read"), ("PathPrefix(`/`)", "names no host"), ("Host()", "names no host"), ("Host(`D`) || Path(`/`)", "names no host"),
    ("!Host(`D`)", "every host but some"), ("!(!Host(`D`))", "every host but some"), ("HostRegexp(`^D$`)", "by a pattern"),
    ("Host(`D`, `*`)", "every host"), ("HostSNI(`*`) && ClientIP(`10.0.0.0/8`)", "every host"), ("Host(`D`", "cannot be read"),
    ("Host(`D`) Host(`D`)", "cannot be read"), ("Host(`D`) /* */", "cannot be read"), ("Host(\"\\x44\")", "cannot be read"),
    ("Host(`D`) | Host(`D`)", "cannot be read"), ("Host(D)", "cannot be read"), ("Host:D", "cannot be read"),
    ("Host(`D`,)", "cannot be read"),
    ("Host(`D`) && (", "cannot be read"), ("Wildcard(`D`)", "names no host"),
  ])
  func `a rule whose reach cannot be told stays open`(rule: String, words: String) {
    guard case .open(let why) = reach(rule) else {
      Issue.record("\(reach(rule))")
      return
    }
    #expect(why.contains(words), "\(why)")
  }

  @Test func `every host, hosts below the own, and bombs`() {
    #expect(reach("HostSNI(`*`)") == .everything && reach("(HostSNI(`*`))") == .everything)
    #expect(reach("Host(`D`, `www.D`)") == .below(["www.\(Self.own)"]))
    for rule in [String(repeating: "(", count: 100_000), String(repeating: "!", count: 100_000)] {
      guard case .open = reach(rule) else {
        Issue.record("read")
        return
      }
    }
    #expect(reach(Array(repeating: "Host(`D`)", count: 2000).joined(separator: " || ")) == .own)
  }

  private func reach(_ rule: String) -> TraefikRule.Reach {
    let text = rule.replacing("D", with: Self.own).replacing("UPPER", with: Self.own.uppercased())
    return TraefikRule(text).reach(in: PolicyFixture.context)
  }
}

import CCCICore
import Testing

@Suite("Addresses on the proxy's network")
struct ProxyAddressesTests {
  private static func judge(_ subnets: [String], used: Int, newTasks: [Double] = []) throws(Failure) -> String? {
    try ProxyAddresses.judge(ProxyAddresses.Network(name: "proxy", subnets: subnets, used: used, newTasks: newTasks))
  }

  @Test("a /16 is roomy, a /24 is worth a warning, and none known is nobody's business")
  func passes() throws {
    #expect(try Self.judge(["10.200.0.0/16"], used: 300) == nil)
    #expect(try Self.judge([], used: 0) == nil)
    let warning = try Self.judge(["10.0.1.0/24"], used: 20)
    #expect(warning == "network proxy: 10.0.1.0/24 has room for 254 addresses: lost ones add up, a /16 lasts longer")
    #expect(try Self.judge(["10.0.1.0/24", "10.9.0.0/16"], used: 20) == nil)
    #expect(try Self.judge(["fd00:1::/64"], used: 20) == nil)
    #expect(try Self.judge(["10.200.0.0/16"], used: 3, newTasks: [0.2, 59]) == nil)
  }

  @Test("too small, used up, and swarm's own trouble are told apart, each with its remedy")
  func refuses() {
    let small = #expect(throws: Failure.self) { try Self.judge(["10.0.1.0/28"], used: 2) }
    #expect(small?.code == .config && small?.sentence == "network proxy: is too small: 10.0.1.0/28 has room for 14 addresses")
    #expect(small?.next.contains("--subnet 10.200.0.0/16 proxy") == true)
    let full = #expect(throws: Failure.self) { try Self.judge(["10.0.1.0/24"], used: 223) }
    #expect(full?.code == .tryAgain)
    #expect(full?.sentence == "network proxy: has no addresses for another app: 223 of 254 are taken")
    let stuck = #expect(throws: Failure.self) { try Self.judge(["10.200.0.0/16"], used: 30, newTasks: [3, 61, 4000]) }
    #expect(stuck?.code == .tryAgain && stuck?.sentence == "swarm gives new tasks no address: 2 of them got none in 60 s")
    #expect(stuck?.next.contains("restart docker") == true)
  }
}

import CCCICore
import FoundationEssentials
import Testing

@Suite struct AlertDeliveryTests {
  static let now = Date(timeIntervalSince1970: 1_800_000_000)

  @Test func `an alert is due at each sink until that sink takes it`() {
    var delivery = AlertDelivery()
    let due = { (delivery: AlertDelivery, now: Date) in delivery.due(["a", "b"], sinks: ["x", "y"], now: now).map { "\($0.id)\($0.sink)" } }
    #expect(due(delivery, Self.now) == ["ax", "ay", "bx", "by"])
    delivery.deliver("a", to: "x", now: Self.now)
    #expect(due(delivery, Self.now) == ["ay", "bx", "by"])
    delivery.fail("b", at: "y", why: "exited with 1", now: Self.now, pause: .seconds(60))
    #expect(due(delivery, Self.now) == ["ay", "bx"])
    #expect(due(delivery, Self.now + 59) == ["ay", "bx"])
    #expect(due(delivery, Self.now + 60) == ["ay", "bx", "by"])
    delivery.keep(["b"])
    #expect(delivery.alerts.keys.sorted() == ["b"])
  }

  @Test(arguments: [(1, 60.0), (2, 120), (3, 240), (9, 15_360), (10, 21_600), (200, 21_600)])
  func `each failure doubles the pause, up to six hours`(failures: Int, pause: Double) {
    var delivery = AlertDelivery()
    for _ in 0..<failures { delivery.fail("a", at: "x", why: "no", now: Self.now, pause: .seconds(60)) }
    #expect(delivery.alerts["a"]?["x"]?.next == Self.now + pause)
    #expect(delivery.alerts["a"]?["x"]?.attempts == failures)
  }

  @Test func `what was noted is read back, also with a last line that a kill cut off`() throws {
    let folder = try TemporaryFolder()
    let alerts = Alerts(shelf: folder.path)
    try Files.createDirectory(alerts.folder)
    var delivery = AlertDelivery(heartbeats: ["x": Self.now])
    try delivery.write(in: alerts)
    delivery.deliver("a", to: "x", now: Self.now)
    try delivery.note("a", "x", in: alerts)
    try Files.append(Array(#"{"id":"b","sink":"x","state":{"att"#.utf8), to: "\(alerts.folder)/.delivery.jsonl")
    #expect(try AlertDelivery.read(in: alerts) == delivery)
    delivery.fail("c", at: "y", why: "no", now: Self.now, pause: .seconds(1))
    try delivery.note("c", "y", in: alerts)
    #expect(try AlertDelivery.read(in: alerts) == delivery)
    try delivery.write(in: alerts)
    #expect(try AlertDelivery.read(in: alerts) == delivery)
    #expect(try Files.status("\(alerts.folder)/.delivery.jsonl") == nil)
  }
}

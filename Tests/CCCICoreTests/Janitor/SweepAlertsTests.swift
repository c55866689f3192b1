import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Alerts of a sweep")
struct SweepAlertsTests {
  private static let findings = [
    SweepFinding(.app, "note-aaaaaa.ci.localhost", "reaped", run: "d1"),
    SweepFinding(.app, "note-bbbbbb.ci.localhost", "left behind", run: "d2", leftovers: ["volume x", "secret y"]),
    SweepFinding(.disk, "/var/lib/docker", "filling", because: "76 % of bytes in use"),
    SweepFinding(.disk, "/var/lib/cc-ci-runs", "full", because: "91 % of bytes in use"),
  ]

  @Test("an orphan that stays and a full disk are said once, until somebody acknowledges them")
  func raises() throws {
    let folder = try TemporaryFolder()
    let alerts = Alerts(shelf: folder("shelf"))
    let heard = Locked<[String]>([])
    for _ in 1...2 {
      SweepAlerts(alerts: alerts, now: Date(timeIntervalSince1970: 1_800_000_000)).raise(Self.findings) { words in
        heard.withLock { $0.append(words) }
      }
    }
    let made = SweepAlerts.of(Self.findings, at: Date(timeIntervalSince1970: 1_800_000_000))
    #expect(made.map(\.reason) == [.leftover, .disk])
    #expect(made[0].says == "what a dead run left cannot be removed: volume x, secret y" && made[0].details == ["run": "d2"])
    #expect(made[1].app == "host" && made[1].says == "/var/lib/cc-ci-runs: 91 % of bytes in use")
    #expect(heard.withLock { $0 }.count == 2, "said again: \(heard.withLock { $0 })")
  }
}

import CCCICore
import FoundationEssentials
import Testing

@Suite struct AlertsTests {
  static let start = Date(timeIntervalSince1970: 1_800_000_000.25)

  static func alert(_ app: String, _ reason: Alert.Reason = .heldMajor, to version: String? = nil) -> Alert {
    Alert(app: app, reason: reason, says: "\(app) is held", toVersion: version, ts: start)
  }

  @Test func `one alert an app, reason and version, until it is acknowledged`() throws {
    let folder = try TemporaryFolder()
    let alerts = Alerts(shelf: folder.path)
    let first = try #require(try alerts.raise(Self.alert("keycloak", to: "11.0.0+26")))
    #expect(first == "20270115T080000.250Z-keycloak-held-major")
    #expect(try alerts.raise(Self.alert("keycloak", to: "11.0.0+26")) == nil)
    #expect(try alerts.raise(Self.alert("keycloak", to: "12.0.0+27")) != nil)
    #expect(try alerts.raise(Self.alert("keycloak", .unhealthy, to: "11.0.0+26")) != nil)
    #expect(try alerts.raise(Self.alert("cloak", to: "11.0.0+26")) != nil)
    #expect(try alerts.waiting().count == 4)
    #expect(try alerts.acknowledge(first))
    #expect(try !alerts.acknowledge(first))
    #expect(try alerts.acknowledged().map(\.id) == [first])
    let again = try #require(try alerts.raise(Self.alert("keycloak", to: "11.0.0+26")))
    #expect(again != first, "the id of an acknowledged alert is not given out again")
    #expect(try alerts.waiting().map(\.id).sorted() == alerts.waiting().map(\.id))
  }

  @Test func `what is read is what was raised`() throws {
    let folder = try TemporaryFolder()
    let alerts = Alerts(shelf: folder.path)
    let alert = Alert(
      app: "traefik", reason: .rollbackFailed, says: "rolled back, and unhealthy", fromVersion: "1.0.0+2", toVersion: "2.0.0+3",
      releaseNotes: "line\nline \"two\"", ts: Date(timeIntervalSince1970: 1_800_000_000), details: ["attempted": "2.0.0+3"])
    try alerts.raise(alert)
    #expect(try alerts.waiting().map(\.alert) == [alert])
  }

  @Test(arguments: ["../x", "a/b", "", ".x", "A", String(repeating: "x", count: 101)])
  func `an app that can be no part of a file's name is refused`(app: String) throws {
    let folder = try TemporaryFolder()
    #expect(throws: Failure.self) { try Alerts(shelf: folder.path).raise(Self.alert(app)) }
    #expect(try !Files.list(folder.path).contains("x-held-major.json"))
  }

  @Test func `many that raise the same at once raise it once, and different ones are all there`() async throws {
    let folder = try TemporaryFolder()
    let alerts = Alerts(shelf: folder.path)
    let raised = try await withThrowingTaskGroup(of: String?.self) { group in
      for number in 0..<60 {
        group.addTask { try alerts.raise(Self.alert("app\(number % 20)")) }
      }
      var ids: [String] = []
      for try await id in group { if let id { ids.append(id) } }
      return ids
    }
    #expect(raised.count == 20 && Set(raised).count == 20)
    #expect(try alerts.waiting().count == 20)
  }

  @Test func `a file that is cut off is named, and not passed over`() throws {
    let folder = try TemporaryFolder()
    let alerts = Alerts(shelf: folder.path)
    let id = try #require(try alerts.raise(Self.alert("keycloak")))
    let path = "\(alerts.folder)/\(id).json"
    try Files.write(Array(try Files.read(path).prefix(40)), to: path)
    let failure = #expect(throws: Failure.self) { try alerts.waiting() }
    #expect(failure?.code == .badData && failure?.what.contains(id) == true)
  }
}

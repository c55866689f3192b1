import FoundationEssentials
import Glibc

/// The alerts on the shelf. Any command raises them; `ccci-alerts` and people read them.
public struct Alerts: Sendable {
  public let shelf: String

  public init(shelf: String) { self.shelf = shelf }

  /// An alert with its id, which is its file's name without `.json`: `20260301T021500.120Z-keycloak-held-major`.
  public struct Entry: Sendable, Equatable {
    public var id: String
    public var alert: Alert

    public init(id: String, alert: Alert) {
      self.id = id
      self.alert = alert
    }
  }

  /// What stands in the folder at one moment, oldest first.
  public struct Look: Sendable {
    public var entries: [Entry] = []
    public var unreadable: [Unreadable] = []
  }

  /// An alert's file that cannot be read.
  public struct Unreadable: Sendable, Equatable {
    public var id: String
    /// With its path.
    public var why: String
    /// All that is known, from its name. nil for a file that no command of ours has named.
    public var entry: Entry?
  }

  public var folder: String { "\(shelf)/alerts" }
  public var seen: String { "\(folder)/seen" }
  var lock: String { "\(folder)/.raise.lock" }

  /// Raises an alert: it is whole and on disk when this returns. Its id, or nil when it only repeats one that waits already.
  ///
  /// Two at once: one of them is raised. `tryAgain` when somebody holds the lock for 10 s.
  @discardableResult
  public func raise(_ alert: Alert) throws(Failure) -> String? {
    let app = alert.app.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 || $0 == 95 }
    guard app, let first = alert.app.utf8.first, first != 46, alert.app.utf8.count <= 100 else {
      throw Failure(.bug, "alert about \"\(alert.app.prefix(80))\"", why: "that can be no part of a file's name")
    }
    try Files.createDirectory(folder)
    let held = try waited()
    defer { withExtendedLifetime(held) {} }
    let suffix = Self.suffix(alert)
    for name in try names(in: folder) where name.hasSuffix(suffix) {
      // One that cannot be read may say anything: what there is to say now must not be lost to it.
      let other: Alert?
      do throws(Failure) { other = try read("\(folder)/\(name).json") } catch { other = nil }
      if let other, alert.repeats(other) { return nil }
    }
    let bytes = try JSONCoding.encode(alert)
    var id = Self.stamp(alert.ts) + suffix
    var milliseconds = 0.0
    while try isTaken(id) {
      milliseconds += 1
      id = Self.stamp(alert.ts.addingTimeInterval(milliseconds / 1000)) + suffix
    }
    try Files.write(bytes, to: "\(folder)/\(id).json")
    return id
  }

  /// The alerts that nobody has acknowledged, oldest first. A file that cannot be read is `badData`.
  public func waiting() throws(Failure) -> [Entry] { try entries(in: folder) }

  /// The same, each file by itself: one that cannot be read hides no other.
  public func look() throws(Failure) -> Look {
    var look = Look()
    for id in try names(in: folder) {
      let path = "\(folder)/\(id).json"
      do throws(Failure) { if let alert = try read(path) { look.entries.append(Entry(id: id, alert: alert)) } } catch {
        look.unreadable.append(Unreadable(id: id, why: error.sentence, entry: try named(id, path)))
      }
    }
    return look
  }

  /// Those that somebody has acknowledged.
  public func acknowledged() throws(Failure) -> [Entry] { try entries(in: seen) }

  /// Moves an alert to those that were seen. False when somebody else has done it.
  public func acknowledge(_ id: String) throws(Failure) -> Bool {
    guard try Files.status("\(folder)/\(id).json") != nil else { return false }
    try Files.createDirectory(seen)
    do throws(Failure) { try Files.move("\(folder)/\(id).json", to: "\(seen)/\(id).json") } catch {
      if try Files.status("\(folder)/\(id).json") == nil { return false }
      throw error
    }
    try Files.synchronize(directory: seen)
    try Files.synchronize(directory: folder)
    return true
  }

  private func entries(in folder: String) throws(Failure) -> [Entry] {
    var found: [Entry] = []
    for id in try names(in: folder) {
      // It may have been acknowledged since it was listed.
      if let alert = try read("\(folder)/\(id).json") { found.append(Entry(id: id, alert: alert)) }
    }
    return found
  }

  /// Ids in a folder, oldest first.
  private func names(in folder: String) throws(Failure) -> [String] {
    guard try Files.status(folder) != nil else { return [] }
    return try Files.list(folder).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") && $0 != "delivery.json" }.map {
      String($0.dropLast(5))
    }
  }

  private func read(_ path: String) throws(Failure) -> Alert? {
    guard let bytes = try Files.readIfPresent(path) else { return nil }
    return try JSONCoding.decode(Alert.self, from: bytes, path: path)
  }

  /// An alert that stands for one that cannot be read: app and reason are in its file's name.
  private func named(_ id: String, _ path: String) throws(Failure) -> Entry? {
    let rest = id.dropFirst(Self.stamp(Date(timeIntervalSince1970: 0)).count)
    guard let reason = Alert.Reason.allCases.first(where: { rest.hasSuffix("-\($0.rawValue)") }), let status = try Files.status(path) else {
      return nil
    }
    let app = String(rest.dropFirst().dropLast(reason.rawValue.count + 1))
    guard rest.first == "-", !app.isEmpty else { return nil }
    let alert = Alert(
      app: app, reason: reason, says: "an alert that cannot be read: its name is all that is known", ts: status.mtime,
      details: ["file": path])
    return Entry(id: id, alert: alert)
  }

  private func isTaken(_ id: String) throws(Failure) -> Bool {
    if try Files.status("\(folder)/\(id).json") != nil { return true }
    return try Files.status("\(seen)/\(id).json") != nil
  }

  private func waited() throws(Failure) -> FileLock {
    for _ in 0..<5000 {
      if let held = try FileLock.attempt(lock, holder: "raising an alert") { return held }
      usleep(2000)
    }
    throw Failure(.tryAgain, "\(lock): is held", why: "for 10 s already", next: "find out by whom: fuser \(lock)")
  }

  private static func suffix(_ alert: Alert) -> String { "-\(alert.app)-\(alert.reason.rawValue)" }

  /// `20260301T021500.120Z`: sorts by time.
  static func stamp(_ date: Date) -> String {
    let milliseconds = Int((date.timeIntervalSince1970 * 1000).rounded(.down))
    let text = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    let rest = String(milliseconds % 1000)
    return text.filter { $0 != "-" && $0 != ":" && $0 != "Z" } + "." + String(repeating: "0", count: 3 - rest.count) + rest + "Z"
  }
}

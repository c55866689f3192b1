import FoundationEssentials

/// What the janitor does beside orphans: records by age, and when the disk fills, what is easily made again.
struct Housekeeping: Sendable {
  let tool: Tool
  let settings: Settings
  let engine: Engine

  init(tool: Tool, settings: Settings) {
    self.tool = tool
    self.settings = settings
    engine = Engine(host: tool.host, socket: settings.host.engine)
  }

  /// When the disk fills, younger records go too.
  static let pressed: Duration = .seconds(7 * 86_400)
  /// A younger image may be the layer of a build or pull under way.
  static let imageAge: Duration = .seconds(24 * 3600)

  /// The cheapest first; each step only while the disk is still too full.
  ///
  /// - Parameter retire: removes warm data that is to go anyway.
  func pass(isDry: Bool, retire: () async throws(Failure) -> [SweepFinding]) async throws(Failure) -> [SweepFinding] {
    let retention = RecordRetention(runs: settings.host.runs, now: tool.host.now())
    var findings = try retention.pass(
      olderThan: settings.run.retention, because: "older than \(DurationText.format(settings.run.retention))", isDry: isDry)
    if !isDry { try RunClaim.forget(runs: settings.host.runs, before: tool.host.now().addingTimeInterval(-settings.run.retention.seconds)) }
    // Before the first run there is no folder of runs.
    let runs = try Files.status(settings.host.runs) == nil ? [] : [settings.host.runs]
    let folders = try await runs + [engine.info().rootDirectory]
    if try isPressed(folders) { findings += try await images(isDry: isDry) }
    if try isPressed(folders) {
      let age = min(Self.pressed, settings.run.retention)
      let more = try retention.pass(
        olderThan: age, because: "older than \(DurationText.format(age)), and the disk is filling", isDry: isDry)
      findings += more.filter { found in !findings.contains { $0.name == found.name } }
    }
    if try isPressed(folders) { findings += try await retire() }
    for folder in folders {
      let space = try Files.space(at: folder)
      let verdict = settings.disk.judge(space)
      if verdict >= .warn {
        findings.append(SweepFinding(.disk, folder, verdict == .warn ? "filling" : "full", because: DiskBudget.words(space)))
      }
    }
    return findings
  }

  private func isPressed(_ folders: [String]) throws(Failure) -> Bool {
    for folder in folders where settings.disk.judge(try Files.space(at: folder)) >= .act { return true }
    return false
  }

  /// Only while no run is under way, and none begins: it may be about to use one.
  private func images(isDry: Bool) async throws(Failure) -> [SweepFinding] {
    let found = try await engine.danglingImages(olderThan: Self.imageAge)
    guard !found.isEmpty else { return [] }
    var finding = SweepFinding(.images, "\(found.count) dangling images", because: "no name, older than 24h")
    guard !isDry else {
      finding.decision = "would remove"
      return [finding]
    }
    guard let gate = try FileLock.attempt("\(settings.host.lock)/gate", holder: "janitor"),
      let host = try FileLock.attempt("\(settings.host.lock)/host", holder: "janitor")
    else {
      (finding.decision, finding.because) = ("kept", "a run is under way")
      return [finding]
    }
    defer { withExtendedLifetime((gate, host)) {} }
    let freed = try await engine.pruneDanglingImages(olderThan: Self.imageAge)
    (finding.decision, finding.because) = ("removed", "\(freed.images) of them, \(freed.bytes >> 20) MiB; the others are in use")
    return [finding]
  }
}

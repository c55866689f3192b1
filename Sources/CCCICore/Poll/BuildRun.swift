import FoundationEssentials

/// The run of a build, as its record on this host tells.
struct BuildRun: Sendable {
  let runs: String
  let build: Int

  /// nil while there is none.
  func record() throws(Failure) -> RunRecord? {
    do throws(Failure) { return try RunDirectory(runs: runs, id: "d\(build)").readRecord() } catch  where error.code == .badData {
      return nil
    }
  }

  /// Whether its heart, which beats every 10 s, has beaten lately.
  func isAlive(at now: Date) throws(Failure) -> Bool {
    guard let record = try record(), record.finished == nil else { return false }
    return abs(now.timeIntervalSince(record.heartbeat)) < 120
  }

  /// The answer to exactly this trigger: another commit, another key, and it is none.
  func results(of trigger: PollTrigger, claimed: String?) throws(Failure) -> Results? {
    for id in try ids(claimed) {
      let results: Results?
      do throws(Failure) { results = try RunDirectory(runs: runs, id: id).readResults() } catch  where error.code == .badData { continue }
      if let results, results.trigger == trigger.key, results.ref == trigger.sha, results.recipe == trigger.repo { return results }
    }
    return nil
  }

  /// `d17`, or `d17-<second>` when another Drone had a build of that number.
  private func ids(_ claimed: String?) throws(Failure) -> [String] {
    if let claimed { return [claimed] }
    guard try Files.status(runs) != nil else { return [] }
    return try Files.list(runs).filter { $0 == "d\(build)" || $0.hasPrefix("d\(build)-") }
  }
}

import FoundationEssentials

/// One line of `ccci-run list`.
struct RunRow: Encodable {
  var runID: String
  /// nil where the record cannot be read.
  var recipe: String?
  var ref: String?
  var pr: Int?
  /// The verdict, or the phase of a run that has none; `unreadable` where a file of it is broken.
  var state: String
  var started: Date
  var seconds: Double?

  enum CodingKeys: String, CodingKey {
    case recipe, ref, pr, state, started, seconds
    case runID = "run_id"
  }

  init(_ entry: RunRecords.Entry, runs: String) throws(Failure) {
    guard let record = entry.record else {
      (runID, state, started) = (entry.id, "unreadable", entry.started)
      return
    }
    var results: Results?
    var broken: String?
    // One broken file must not hide all other runs.
    do throws(Failure) { results = try RunDirectory(runs: runs, id: record.runID).readResults() } catch  where error.code == .badData {
      broken = "unreadable"
    }
    runID = record.runID
    recipe = record.recipe
    ref = results?.ref ?? record.ref
    pr = record.pr
    state = broken ?? results?.verdict.rawValue ?? record.phase
    started = record.started
    seconds = results.map { $0.finished.timeIntervalSince($0.started) }
  }

  var json: String { get throws(Failure) { String(decoding: try JSONCoding.line(self), as: UTF8.self) } }

  static func table(_ rows: [RunRow]) -> String {
    let width = max(rows.map(\.runID.count).max() ?? 0, 4)
    let names = max(rows.map { $0.recipe?.count ?? 1 }.max() ?? 0, 6)
    let head = "\("run".padded(to: width))  \("recipe".padded(to: names))  commit    pr     state       seconds  started"
    let lines = rows.map { row in
      let seconds = row.seconds.map { String(Int($0.rounded())) } ?? "-"
      return [
        row.runID.padded(to: width), (row.recipe ?? "-").padded(to: names), String(row.ref?.prefix(8) ?? "-").padded(to: 8),
        (row.pr.map(String.init) ?? "-").padded(to: 5), row.state.padded(to: 10), seconds.padded(to: 7), row.started.formatted(.iso8601),
      ].joined(separator: "  ")
    }
    return ([head] + lines).joined(separator: "\n")
  }
}

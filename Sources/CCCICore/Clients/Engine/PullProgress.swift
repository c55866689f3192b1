import FoundationEssentials

/// What the stream of a pull said; fed with pieces, in order.
struct PullProgress: Sendable {
  /// Layers and their state, for a line of progress.
  private(set) var layers: [String: String] = [:]
  private(set) var complaint: String?
  private(set) var upToDate = false
  private var lines = EngineLines()

  private struct Line: Decodable {
    var status: String?
    var id: String?
    var error: String?
    /// In the body of an error status.
    var message: String?
  }

  mutating func add(_ piece: [UInt8]) {
    for line in lines.add(piece) { read(line) }
  }

  /// Takes in a last line without LF.
  mutating func finish() {
    if !lines.rest.isEmpty { read(lines.rest) }
  }

  /// A line that does not parse is passed over: it carries progress, and the end is judged by what is here.
  private mutating func read(_ line: [UInt8]) {
    guard case .success(let said) = Result(catching: { try JSONDecoder().decode(Line.self, from: Data(line)) }) else { return }
    complaint = said.error ?? said.message ?? complaint
    if let layer = said.id, let status = said.status { layers[layer] = status }
    if said.status?.hasPrefix("Status: Image is up to date") == true { upToDate = true }
  }

  /// `3 of 5 layers`.
  var summary: String {
    let done = layers.values.filter { $0 == "Pull complete" || $0 == "Already exists" }.count
    let known = layers.values.filter { !$0.hasPrefix("Pulling from") }.count
    return "\(done) of \(known) layers"
  }
}

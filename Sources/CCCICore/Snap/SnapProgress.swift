import Glibc

/// Shows how far a long piece of work is: one line that changes on a terminal, one line every 10 s elsewhere.
enum SnapProgress {
  /// Runs `body` and shows what it counts meanwhile, on standard error.
  static func showing<Value: Sendable>(
    _ tally: Tally, _ console: Console, _ body: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let isTerminal = isatty(STDERR_FILENO) == 1
    let shown = Task.detached {
      let (pause, start) = (isTerminal ? Duration.milliseconds(200) : .seconds(10), ContinuousClock.now)
      var last = (doing: "", bytes: 0, at: start)
      while true {
        do { try await Task.sleep(for: pause) } catch { return }
        let (count, now) = (tally.count, ContinuousClock.now)
        if count.doing != last.doing { last = (count.doing, 0, last.at) }
        let rate = Double(count.bytes - last.bytes) / max(0.001, (now - last.at).seconds)
        last = (count.doing, count.bytes, now)
        guard !count.doing.isEmpty else { continue }
        let line = text(count, rate: rate)
        if isTerminal { write("\r\u{1b}[K\(line)") } else { console.progress(line) }
      }
    }
    defer {
      shown.cancel()
      if isTerminal { write("\r\u{1b}[K") }
    }
    return try await body()
  }

  /// `saving notes_data.tar.zst: 512 MiB of 2 GiB, 1020 of 4000 files, 830 MiB/s`.
  static func text(_ count: Tally.Count, rate: Double) -> String {
    var parts = [ByteText.of(count.bytes) + (count.totalBytes > 0 ? " of \(ByteText.of(count.totalBytes))" : "")]
    if count.files > 0 || count.totalFiles > 0 {
      parts.append("\(count.files)\(count.totalFiles > 0 ? " of \(count.totalFiles)" : "") files")
    }
    return "\(count.doing): \(parts.joined(separator: ", ")), \(ByteText.of(Int(rate)))/s"
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

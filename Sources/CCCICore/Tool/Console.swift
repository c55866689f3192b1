import Glibc

/// What a command prints: facts on standard output, progress and failures on standard error, all of it masked.
public struct Console: Sendable {
  /// The program's name, before each failure.
  public let program: String
  public let mask: Mask
  private let started: ContinuousClock.Instant
  private let log: Locked<String?>

  public init(program: String, mask: Mask = Mask()) {
    self.program = program
    self.mask = mask
    self.started = .now
    self.log = Locked(nil)
  }

  /// From now on, progress is kept in this file too.
  public func keepLog(at path: String) { log.withLock { $0 = path } }

  /// A fact, on standard output.
  public func fact(_ text: String) { Self.write(mask.masked(Self.plain(text)) + "\n", to: STDOUT_FILENO) }

  /// What is being done, on standard error, with the seconds since the start.
  public func progress(_ text: String) {
    let now = (ContinuousClock.now - started).seconds
    let tenths = Int((now * 10).rounded())
    let stamp = "\(tenths / 10).\(tenths % 10)s"
    let line = mask.masked("\(String(repeating: " ", count: max(0, 7 - stamp.count)))\(stamp)  \(Self.plain(text))\n")
    Self.write(line, to: STDERR_FILENO)
    keep(line)
  }

  /// A failure, as two lines on standard error.
  public func failure(_ failure: Failure) {
    // Masked before it is cut: half a secret is one too.
    let (sentence, hint) = (mask.masked(Self.plain(failure.sentence)), mask.masked(Self.plain(failure.hint)))
    let lines = "\(program): \(Self.line(sentence))\n\(program): hint: \(Self.line(hint))\n"
    Self.write(lines, to: STDERR_FILENO)
    keep(lines)
  }

  /// Text as it may stand on a terminal: what outside programs and containers said must not move its cursor.
  public static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in TerminalText.plain(text).unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      plain.append(isControl && scalar != "\n" && scalar != "\t" ? " " : scalar)
    }
    return String(plain)
  }

  /// One line whatever an outside program said: control characters and newlines become spaces.
  public static func line(_ text: String) -> String {
    let flat = String(plain(text).map { $0.isNewline || $0 == "\t" ? " " : $0 })
    return flat.count > 600 ? flat.prefix(600) + "…" : flat
  }

  private func keep(_ line: String) {
    guard let path = log.withLock({ $0 }) else { return }
    do throws(Failure) { try Files.append(Array(line.utf8), to: path) } catch {
      // The log is a copy of what has just been printed. A full disk must not end a run whose teardown is still to come.
      log.withLock { $0 = nil }
      Self.write("\(program): \(error.sentence)\n", to: STDERR_FILENO)
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

import FoundationEssentials

/// The secrets of this process: every value that must not stand in anything printed or stored.
///
/// Values come in while a run goes on (generated secrets), so the set is shared and grows. Text is masked line by line,
/// in clear and in base64; a value shorter than `shortest` cannot be masked without eating ordinary words and is left out.
public final class Mask: Sendable {
  public static let shortest = 8
  private let needles = Locked<[String]>([])

  public init() {}

  /// Adds a secret. False when it is too short to be masked: the caller warns.
  @discardableResult
  public func add(_ secret: String) -> Bool {
    let value = secret.split(whereSeparator: \.isNewline).joined(separator: "\n")
    guard value.utf8.count >= Self.shortest else { return value.isEmpty }
    var found = [value]
    // A value inside a longer base64 text stands at one of three alignments; the characters that depend on neighbours are cut off.
    for shift in 0..<3 {
      let padded = Data(repeating: 0, count: shift) + Data(value.utf8)
      let encoded = padded.base64EncodedString().filter { $0 != "=" }
      let head = shift == 0 ? 0 : shift + 1
      let core = encoded.dropFirst(head).dropLast(padded.count % 3 == 0 ? 0 : 1)
      if core.count >= Self.shortest { found.append(String(core)) }
    }
    let fresh = found
    needles.withLock { known in
      for needle in fresh where !known.contains(needle) { known.append(needle) }
      known.sort { $0.utf8.count > $1.utf8.count }
    }
    return true
  }

  /// The text with every secret replaced by `•••`.
  public func masked(_ text: String) -> String {
    var result = text
    for needle in needles.withLock({ $0 }) where result.contains(needle) { result = result.replacing(needle, with: "•••") }
    return result
  }

  /// Whether a text still holds a secret, for the scan of artifacts.
  public func reveals(_ text: String) -> Bool { needles.withLock { $0 }.contains { text.contains($0) } }
}

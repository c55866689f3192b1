import FoundationEssentials
import Glibc

/// The secrets of this process: every value that must not stand in anything printed or stored.
///
/// Values come in while a run goes on (generated secrets), so the set is shared and grows. Text is masked line by line, in clear and in base64,
/// also where JSON or XML escapes it; a value shorter than `shortest` cannot be masked without eating ordinary words and is left out.
public final class Mask: Sendable {
  public static let shortest = 8
  private let needles = Locked<[[UInt8]]>([])

  public init() {}

  /// Adds a secret. False when it is too short to be masked: the caller warns.
  @discardableResult
  public func add(_ secret: String) -> Bool {
    let lines = secret.split(whereSeparator: \.isNewline).map(String.init)
    let value = lines.joined(separator: "\n")
    guard value.utf8.count >= Self.shortest else { return value.isEmpty }
    // A key of several lines is seldom printed as one piece.
    let found = ([value] + lines).filter { $0.utf8.count >= Self.shortest }.flatMap(Self.forms)
    needles.withLock { known in
      for needle in found where !known.contains(needle) { known.append(needle) }
      known.sort { $0.count > $1.count }
    }
    return true
  }

  /// The text with every secret replaced by `•••`.
  public func masked(_ text: String) -> String {
    let needles = needles.withLock { $0 }
    let bytes = Array(text.utf8)
    guard needles.contains(where: { Self.place(of: $0, in: bytes, from: 0) != nil }) else { return text }
    return String(decoding: needles.reduce(bytes) { Self.replaced($1, in: $0) }, as: UTF8.self)
  }

  /// Whether a text still holds a secret, for the scan of artifacts.
  public func reveals(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return needles.withLock { $0 }.contains { Self.place(of: $0, in: bytes, from: 0) != nil }
  }

  /// How a value may stand in what is written: in clear, inside JSON, inside XML, inside base64.
  private static func forms(_ value: String) -> [[UInt8]] {
    var found = [value, escaped(value, json), escaped(value, xml)]
    // A value inside a longer base64 text stands at one of three alignments; the characters that depend on neighbours are cut off.
    for shift in 0..<3 {
      let padded = Data(repeating: 0, count: shift) + Data(value.utf8)
      let encoded = padded.base64EncodedString().filter { $0 != "=" }
      let head = shift == 0 ? 0 : shift + 1
      let core = String(encoded.dropFirst(head).dropLast(padded.count % 3 == 0 ? 0 : 1))
      if core.count >= shortest { found += [core, core.replacing("+", with: "-").replacing("/", with: "_")] }
    }
    return Set(found).map { Array($0.utf8) }
  }

  private static let json: [Unicode.Scalar: String] = ["\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t"]
  private static let xml: [Unicode.Scalar: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "\n": " ", "\t": " "]

  private static func escaped(_ value: String, _ escapes: [Unicode.Scalar: String]) -> String {
    value.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
  }

  private static func replaced(_ needle: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    while let place = place(of: needle, in: bytes, from: start) {
      result += bytes[start..<place] + "•••".utf8
      start = place + needle.count
    }
    return start == 0 ? bytes : result + bytes[start...]
  }

  /// By bytes, not by characters: a secret with a combining mark behind it is the secret all the same.
  private static func place(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBytes { text in
      needle.withUnsafeBytes { wanted in
        var start = start
        while start + wanted.count <= text.count, let base = text.baseAddress, let first = wanted.first {
          guard let hit = memchr(base + start, Int32(first), text.count - wanted.count - start + 1) else { return nil }
          let place = UnsafeRawPointer(hit) - base
          if let pattern = wanted.baseAddress, memcmp(hit, pattern, wanted.count) == 0 { return place }
          start = place + 1
        }
        return nil
      }
    }
  }
}

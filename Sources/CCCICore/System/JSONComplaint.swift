import FoundationEssentials

/// What is wrong with a JSON text, in words: Foundation's errors are for programmers.
struct JSONComplaint {
  /// `tiers.0.op`; empty for the whole text.
  let place: String
  let words: String

  init(_ error: DecodingError, in bytes: [UInt8]) {
    switch error {
    case .keyNotFound(let key, let context):
      (place, words) = (Self.path(context.codingPath + [key]), "is missing")
    case .valueNotFound(let type, let context):
      (place, words) = (Self.path(context.codingPath), "is null, not \(Self.name(type))")
    case .typeMismatch(let type, let context):
      (place, words) = (Self.path(context.codingPath), "is not \(Self.name(type))")
    case .dataCorrupted(let context) where context.debugDescription.contains("valid JSON"):
      (place, words) = ("", Self.syntax(bytes))
    case .dataCorrupted(let context):
      (place, words) = (Self.path(context.codingPath), Self.lowered(context.debugDescription))
    @unknown default:
      (place, words) = ("", "\(error)")
    }
  }

  func failure(path: String) -> Failure {
    Failure(.badData, place.isEmpty ? "\(path): \(words)" : "\(path): \(place): \(words)")
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  /// The library says no more than that it is not valid.
  private static func syntax(_ bytes: [UInt8]) -> String {
    if !bytes.contains(where: { $0 > 32 }) { return "is empty" }
    if isCutOff(bytes) { return "is cut off: the JSON text ends in the middle" }
    let start = String(decoding: bytes.prefix(40), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
    return "is not JSON: it begins with \(start)"
  }

  /// True when a string, an object or an array is still open at the end.
  static func isCutOff(_ bytes: [UInt8]) -> Bool {
    var depth = 0
    var quoted = false
    var escaped = false
    for byte in bytes {
      switch byte {
      case _ where escaped: escaped = false
      case UInt8(ascii: "\\") where quoted: escaped = true
      case UInt8(ascii: "\""): quoted.toggle()
      case _ where quoted: break
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
    return quoted || depth > 0
  }

  private static func name(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is Double.Type, is Int.Type, is UInt64.Type, is Int64.Type, is Int32.Type: "a number"
    case is Date.Type: "a date"
    case is [Any].Type: "a list"
    case is [String: Any].Type: "an object"
    default: "\(type)".hasPrefix("Array<") ? "a list" : "\(type)".hasPrefix("Dictionary<") ? "an object" : "a valid \(type)"
    }
  }

  private static func lowered(_ text: String) -> String {
    let plain = text.hasSuffix(".") ? String(text.dropLast()) : text
    return plain.prefix(1).lowercased() + plain.dropFirst()
  }
}

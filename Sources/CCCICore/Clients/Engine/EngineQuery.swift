/// The query of an engine call, with Docker's `filters` JSON.
struct EngineQuery: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  private var items: [(name: String, value: String)] = []

  init(dictionaryLiteral elements: (String, String)...) {
    items = elements.map { (name: $0.0, value: $0.1) }
  }

  static func == (one: EngineQuery, other: EngineQuery) -> Bool { one.text == other.text }

  /// The objects of one stack.
  static func stack(_ name: String) -> EngineQuery { EngineQuery().filtered(["label": ["\(EngineLabel.stack)=\(name)"]]) }

  /// Adds the `filters` parameter: every key must match, any of its values.
  func filtered(_ filters: [String: [String]]) -> EngineQuery {
    var copy = self
    let keys = filters.sorted { $0.key < $1.key }
    let text = keys.map { "\(Self.quoted($0.key)):[\($0.value.map(Self.quoted).joined(separator: ","))]" }.joined(separator: ",")
    copy.items.append((name: "filters", value: "{\(text)}"))
    return copy
  }

  /// Adds one parameter.
  func adding(_ name: String, _ value: String) -> EngineQuery {
    var copy = self
    copy.items.append((name: name, value: value))
    return copy
  }

  /// `?name=value&…`, percent encoded; empty without parameters.
  var text: String {
    guard !items.isEmpty else { return "" }
    return "?" + items.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
  }

  /// Percent encoding of UTF-8: all but RFC 3986's unreserved characters, and those in `keeping`.
  static func encoded(_ text: String, keeping kept: String = "") -> String {
    let hex = Array("0123456789ABCDEF")
    var result = ""
    for byte in text.utf8 {
      let character = Character(UnicodeScalar(byte))
      let unreserved = byte < 128 && (character.isLetter || character.isNumber || "-._~".contains(character))
      if unreserved || (byte < 128 && kept.contains(character)) {
        result.append(character)
      } else {
        result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
      }
    }
    return result
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\0"..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

import FoundationEssentials

/// Any JSON value, so that parts of an answer can be compared as text.
enum EngineJSON: Sendable, Decodable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([EngineJSON])
  case object([String: EngineJSON])

  /// Tries one kind after the other; that a value is of another kind is no error here.
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let object = try? value.decode([String: EngineJSON].self) {
      self = .object(object)
    } else if let list = try? value.decode([EngineJSON].self) {
      self = .list(list)
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int64.self) {
      self = .integer(integer)
    } else {
      self = .number(try value.decode(Double.self))
    }
  }

  /// One line with sorted keys, without those of the top level in `leaving`. Equal values give equal texts; for comparing, not for sending.
  func canonical(leaving left: Set<String> = []) -> String {
    var text = ""
    write(to: &text, leaving: left)
    return text
  }

  private func write(to text: inout String, leaving left: Set<String> = []) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += "\(value)"
    case .integer(let value): text += "\(value)"
    case .number(let value): text += "\(value)"
    case .text(let value): Self.quote(value, to: &text)
    case .list(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text)
      }
      text += "]"
    case .object(let values):
      text += "{"
      for (index, (key, value)) in values.filter({ !left.contains($0.key) }).sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { text += "," }
        Self.quote(key, to: &text)
        text += ":"
        value.write(to: &text)
      }
      text += "}"
    }
  }

  /// Most text needs no escapes, and asking for them character by character was a fifth of each look at a stack.
  private static func quote(_ value: String, to text: inout String) {
    let isPlain = value.utf8.allSatisfy { (32...126).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    text += isPlain ? "\"\(value)\"" : value.debugDescription
  }

  /// The engine's words in an error body `{"message": …}`; otherwise the body's start.
  static func message(of response: HTTPResponse) -> String {
    struct Words: Decodable { var message: String }
    do {
      return try JSONDecoder().decode(Words.self, from: Data(response.body)).message
    } catch {
      return String(response.text.prefix(200))
    }
  }
}

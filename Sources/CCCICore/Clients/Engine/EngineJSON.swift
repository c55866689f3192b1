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
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): value.debugDescription
    case .list(let values): "[\(values.map { $0.canonical() }.joined(separator: ","))]"
    case .object(let values):
      "{\(values.keys.filter { !left.contains($0) }.sorted().map { "\($0.debugDescription):\(values[$0, default: .null].canonical())" }.joined(separator: ","))}"
    }
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

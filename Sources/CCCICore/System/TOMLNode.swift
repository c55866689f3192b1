import TOMLKit

/// A TOML value. Dates and times are their text: `1979-05-27T07:32:00Z`.
public enum TOMLNode: Sendable, Equatable {
  case string(String)
  case integer(Int)
  case double(Double)
  case bool(Bool)
  case array([TOMLNode])
  case table([String: TOMLNode])

  /// Reads a document: always a table. A syntax error is `badData`: `<path>: line 3: …`.
  public static func parse(_ text: String, path: String) throws(Failure) -> TOMLNode {
    if let place = text.utf8.firstIndex(of: 0) {
      throw Failure(
        .badData, "\(path): line \(text.utf8[..<place].count { $0 == 10 } + 1): a NUL byte", next: "save the file as plain text")
    }
    do {
      return .table(try entries(TOMLTable(string: text)))
    } catch let error as TOMLParseError {
      throw Failure(
        .badData, "\(path): line \(error.source.begin.line): \(lowered(error.description))",
        next: "correct the line: key = value, with strings in quotes")
    } catch {
      throw Failure(.badData, "\(path): is not TOML", why: "\(error)", next: "write key = value lines")
    }
  }

  /// The value of a key; nil without the key, or when this is no table.
  public subscript(_ key: String) -> TOMLNode? { table?[key] }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [TOMLNode]? { if case .array(let value) = self { value } else { nil } }
  public var table: [String: TOMLNode]? { if case .table(let value) = self { value } else { nil } }

  /// What kind of value this is, for messages: `a text`, `a number`.
  public var kind: String {
    switch self {
    case .string: "a text"
    case .integer, .double: "a number"
    case .bool: "true or false"
    case .array: "a list"
    case .table: "a table"
    }
  }

  private static func entries(_ table: TOMLTable) -> [String: TOMLNode] {
    var entries: [String: TOMLNode] = [:]
    for key in table.keys {
      if let value = table[key] { entries[key] = node(value) }
    }
    return entries
  }

  private static func node(_ value: any TOMLValueConvertible) -> TOMLNode {
    switch value.type {
    case .string: .string(value.string ?? "")
    case .int: .integer(value.int ?? 0)
    case .double: .double(value.double ?? 0)
    case .bool: .bool(value.bool ?? false)
    case .array: .array(value.array.map { $0.map { node($0) } } ?? [])
    case .table: .table(value.table.map(entries) ?? [:])
    case .date, .time, .dateTime: .string(value.debugDescription)
    }
  }

  private static func lowered(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}

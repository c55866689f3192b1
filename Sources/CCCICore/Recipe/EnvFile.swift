/// The text of an app's `.env`, edited in place: order, comments, modifiers and unknown keys stay as they are.
///
/// Docker's env-file syntax, no `export`; values may be quoted and may refer to earlier keys (the abra reference, section 3.1).
public struct EnvFile: Sendable, Equatable {
  private var lines: [String]

  public init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
  }

  /// The file, always ended by a newline: an appended key must never be glued to a comment.
  public var text: String { lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }

  /// Sets a key: the last line that carries it is replaced, earlier ones go, a new key is appended. A newline in the value cannot be written and becomes a space.
  public mutating func set(_ key: String, _ value: String) {
    let line = "\(key)=\(Self.quoted(value))"
    let places = lines.indices.filter { Self.assignment(lines[$0])?.key == key }
    guard let last = places.last else { return lines.append(line) }
    lines[last] = line
    for place in places.dropLast().reversed() { lines.remove(at: place) }
  }

  /// The value of a key with earlier keys expanded, or nil when it is not set.
  public subscript(_ key: String) -> String? { values[key] }

  /// Every key with its value: quotes and trailing comments gone, `$KEY` and `${KEY}` of earlier lines filled in.
  public var values: [String: String] {
    var found: [String: String] = [:]
    for line in lines {
      guard let (key, raw) = Self.assignment(line) else { continue }
      found[key] = Self.expanded(raw, with: found)
    }
    return found
  }

  private static func assignment(_ line: String) -> (key: String, raw: String)? {
    let trimmed = line.drop { $0 == " " || $0 == "\t" }
    guard !trimmed.hasPrefix("#"), let equals = trimmed.firstIndex(of: "=") else { return nil }
    let key = trimmed[..<equals]
    guard let first = key.utf8.first, first == 95 || (65...90).contains(first) || (97...122).contains(first) else { return nil }
    guard key.utf8.allSatisfy({ $0 == 95 || (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) }) else {
      return nil
    }
    return (String(key), String(trimmed[trimmed.index(after: equals)...]))
  }

  private static func expanded(_ raw: String, with known: [String: String]) -> String {
    let text = raw.drop { $0 == " " || $0 == "\t" }
    if text.first == "'" { return String(text.dropFirst().prefix { $0 != "'" }) }
    if text.first == "\"" { return filled(String(text.dropFirst().prefix { $0 != "\"" }), with: known) }
    var bare = ""
    for character in text {
      if character == "#", bare.isEmpty || bare.last == " " || bare.last == "\t" { break }
      bare.append(character)
    }
    while bare.last == " " || bare.last == "\t" || bare.last == "\r" { bare.removeLast() }
    return filled(bare, with: known)
  }

  private static func filled(_ text: String, with known: [String: String]) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      let braced = rest.first == "{"
      if braced { rest = rest.dropFirst() }
      let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
      rest = rest.dropFirst(name.count)
      if braced, rest.first == "}" { rest = rest.dropFirst() }
      result += name.isEmpty ? "$" : known[String(name)] ?? ""
    }
    return result + rest
  }

  private static func quoted(_ value: String) -> String {
    let line = String(value.map { $0.isNewline ? " " : $0 })
    let plain = line.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "-_./:,@+%=".utf8.contains($0)
    }
    guard !plain else { return line }
    return line.contains("\"") ? "'\(line)'" : "\"\(line)\""
  }
}

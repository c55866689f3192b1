/// The text of an app's `.env`, edited in place: order, comments, modifiers and unknown keys stay as they are.
///
/// Docker's env-file syntax, no `export`; values may be quoted and may refer to earlier keys (the abra reference, section 3.1).
public struct EnvFile: Sendable, Equatable {
  private typealias Scalars = Substring.UnicodeScalarView
  private var lines: [String]

  public init(_ text: String) {
    // By scalars: to Swift a carriage return with its line feed is one character, and a file from elsewhere one long line.
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    if lines.last == "" { lines.removeLast() }
  }

  /// The file, always ended by a newline: an appended key must never be glued to a comment.
  public var text: String { lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n" }

  /// Sets a key: the last line that carries it is replaced up to its comment, earlier ones go, a new key is appended. A newline in the value
  /// cannot be written and becomes a space.
  public mutating func set(_ key: String, _ value: String) {
    let line = "\(key)=\(Self.quoted(value))"
    let places = lines.indices.filter { Self.assignment(lines[$0])?.key == key }
    guard let last = places.last, var rest = Self.assignment(lines[last])?.raw else { return lines.append(line) }
    _ = Self.value(&rest, with: [:])
    // abra reads modifiers from the comment, such as `# length=64`.
    let comment = rest.drop(while: Self.isBlank)
    lines[last] = comment.first == "#" ? "\(line) \(String(comment))" : line
    for place in places.dropLast().reversed() { lines.remove(at: place) }
  }

  /// Every key once, in the order of the file.
  public var keys: [String] {
    var seen: Set<String> = []
    return lines.compactMap { Self.assignment($0)?.key }.filter { seen.insert($0).inserted }
  }

  /// Appends another file's line of a key as it stands there, with the modifiers in its comment. Nothing happens when that file has no such key.
  public mutating func take(_ key: String, from other: EnvFile) {
    guard let line = other.lines.last(where: { Self.assignment($0)?.key == key }) else { return }
    lines.append(line)
  }

  /// The value of a key with earlier keys expanded, or nil when it is not set.
  public subscript(_ key: String) -> String? { values[key] }

  /// Every key with its value: quotes and trailing comments gone, `$KEY` and `${KEY}` of earlier lines filled in.
  public var values: [String: String] {
    var found: [String: String] = [:]
    for line in lines {
      guard let (key, raw) = Self.assignment(line) else { continue }
      var rest = raw
      found[key] = Self.value(&rest, with: found)
    }
    return found
  }

  /// `KEY=value`, and what abra's reader takes for the same: `export KEY=value`, `KEY = value`, `KEY: value`. A line that it reads and we
  /// do not would overrule what is set here.
  private static func assignment(_ line: String) -> (key: String, raw: Scalars)? {
    var rest = line.unicodeScalars.drop(while: isBlank)
    let keyword = "export".unicodeScalars
    if rest.starts(with: keyword), rest.dropFirst(keyword.count).first.map(isBlank) == true {
      rest = rest.dropFirst(keyword.count).drop(while: isBlank)
    }
    let key = rest.prefix(while: isNameScalar)
    guard let first = key.first, !("0"..."9").contains(first) else { return nil }
    rest = rest.dropFirst(key.count).drop(while: isBlank)
    guard rest.first == "=" || rest.first == ":" else { return nil }
    return (String(key), rest.dropFirst())
  }

  /// The value that `rest` begins with; what stands behind it is left.
  private static func value(_ rest: inout Scalars, with known: [String: String]) -> String {
    rest = rest.drop(while: isBlank)
    switch rest.first {
    case "'":
      let text = rest.dropFirst().prefix { $0 != "'" }
      rest = rest.dropFirst(text.count + 2)
      return String(text)
    case "\"":
      rest = rest.dropFirst()
      return doubleQuoted(&rest, with: known)
    default:
      return bare(&rest, with: known)
    }
  }

  /// Up to a comment or the end, without trailing blanks.
  private static func bare(_ rest: inout Scalars, with known: [String: String]) -> String {
    var text = String.UnicodeScalarView()
    while let scalar = rest.first, scalar != "#" || text.last.map(isBlank) == false {
      text.append(scalar)
      rest = rest.dropFirst()
    }
    while let last = text.last, isBlank(last) || last == "\r" { text.removeLast() }
    var (left, result) = (text[...], "")
    while let scalar = left.popFirst() {
      if scalar == "$" { result += reference(&left, known) } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  /// Up to the closing quote; a backslash takes the meaning from a quote, a dollar sign or itself.
  private static func doubleQuoted(_ rest: inout Scalars, with known: [String: String]) -> String {
    var result = ""
    while let scalar = rest.popFirst(), scalar != "\"" {
      switch scalar {
      case "\\": result.unicodeScalars.append(rest.popFirst().map { $0 == "n" ? "\n" : $0 } ?? "\\")
      case "$": result += reference(&rest, known)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// What `$KEY` or `${KEY}` stands for, its dollar sign already taken.
  private static func reference(_ rest: inout Scalars, _ known: [String: String]) -> String {
    let isBraced = rest.first == "{"
    let name = (isBraced ? rest.dropFirst() : rest).prefix(while: isNameScalar)
    guard !name.isEmpty else { return "$" }
    rest = rest.dropFirst(name.count + (isBraced ? 1 : 0))
    if isBraced, rest.first == "}" { rest = rest.dropFirst() }
    return known[String(name)] ?? ""
  }

  private static func quoted(_ value: String) -> String {
    let line = String(value.map { $0.isNewline ? " " : $0 })
    if line.unicodeScalars.allSatisfy({ isNameScalar($0) || "-./:,@+%=".unicodeScalars.contains($0) }) { return line }
    if !line.unicodeScalars.contains(where: { "\"$\\".unicodeScalars.contains($0) }) { return "\"\(line)\"" }
    if !line.unicodeScalars.contains(where: { $0 == "'" }) { return "'\(line)'" }
    var escaped = String.UnicodeScalarView()
    for scalar in line.unicodeScalars {
      if "\"$\\".unicodeScalars.contains(scalar) { escaped.append("\\") }
      escaped.append(scalar)
    }
    return "\"\(String(escaped))\""
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

  private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || ("0"..."9").contains(scalar) || ("A"..."Z").contains(scalar) || ("a"..."z").contains(scalar)
  }
}

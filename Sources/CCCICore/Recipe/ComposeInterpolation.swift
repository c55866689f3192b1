/// Fills `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?error}`, `${NAME?error}` and `$$` in the scalars of a compose
/// file, as docker does: from one environment, an unset name being empty.
public enum ComposeInterpolation {
  /// The document with every scalar filled. Keys stay as they are.
  public static func filled(_ node: YAMLNode, from environment: [String: String], path: String) throws(Failure) -> YAMLNode {
    switch node.content {
    case .scalar(let text, let plain):
      guard text.contains("$") else { return node }
      do throws(Problem) {
        return YAMLNode(.scalar(try filled(text, from: environment), plain: plain), line: node.line)
      } catch {
        throw Failure(.badData, "\(path): line \(node.line): \(error.words)", next: "correct the line, or set the variable in .env.sample")
      }
    case .sequence(let items):
      return YAMLNode(
        .sequence(try items.map { (item) throws(Failure) in try filled(item, from: environment, path: path) }), line: node.line)
    case .mapping(let entries):
      let values = try entries.map { (entry) throws(Failure) in
        YAMLEntry(key: entry.key, value: try filled(entry.value, from: environment, path: path))
      }
      return YAMLNode(.mapping(values), line: node.line)
    }
  }

  struct Problem: Error { var words: String }

  static func filled(_ text: String, from environment: [String: String]) throws(Problem) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        result += "$"
        rest = rest.dropFirst()
      } else if rest.first == "{" {
        guard let close = closing(rest) else { throw Problem(words: "\"${\" without \"}\" in \"\(text)\"") }
        result += try value(of: rest[rest.index(after: rest.startIndex)..<close], from: environment)
        rest = rest[rest.index(after: close)...]
      } else {
        let name = rest.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
        guard let first = name.first, !first.isNumber else {
          throw Problem(words: "\"$\" without a name in \"\(text)\": write $$ for a dollar")
        }
        result += environment[String(name)] ?? ""
        rest = rest.dropFirst(name.count)
      }
    }
    return result + rest
  }

  /// The brace that closes the one at the start: defaults may hold further variables.
  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }

  private static func value(of body: Substring, from environment: [String: String]) throws(Problem) -> String {
    let name = body.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
    guard let first = name.first, !first.isNumber else { throw Problem(words: "\"${\(body)}\" names no variable") }
    let found = environment[String(name)]
    var rest = body.dropFirst(name.count)
    let countsEmpty = rest.first == ":"
    if countsEmpty { rest = rest.dropFirst() }
    let isSet = found.map { !countsEmpty || !$0.isEmpty } ?? false
    switch rest.first {
    case nil where !countsEmpty: return found ?? ""
    case "-": return isSet ? found ?? "" : try filled(String(rest.dropFirst()), from: environment)
    case "+": return isSet ? try filled(String(rest.dropFirst()), from: environment) : ""
    case "?":
      guard isSet else { throw Problem(words: "required variable \(name) is not set: \(rest.dropFirst())") }
      return found ?? ""
    default: throw Problem(words: "\"${\(body)}\" is no form that compose knows")
    }
  }
}

/// The `export NAME=value` lines of a recipe's `abra.sh`, which abra merges over the app's environment before it reads compose.
///
/// Read as text and never run: the file belongs to whoever wrote the commit.
public enum AbraExports {
  public static func values(_ script: String) -> [String: String] {
    let keyword = "export".unicodeScalars
    let exports = script.unicodeScalars.split(separator: "\n").filter { line in
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      return trimmed.starts(with: keyword) && [" ", "\t"].contains(trimmed.dropFirst(keyword.count).first)
    }
    return EnvFile(exports.map { String($0) }.joined(separator: "\n")).values
  }

  /// The same as abra's own code is remembered to take it: `export` at the very start of the line, the text behind the last `export `, quotes
  /// and comments as they stand. Only the compose policy asks: it must not matter which of the two readings is right.
  public static func asRemembered(_ script: String) -> [String: String] {
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "_" || scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    }
    var found: [String: String] = [:]
    for line in script.unicodeScalars.split(separator: "\n") {
      let text = String(line.last == "\r" ? line.dropLast() : line)
      let rest = text.unicodeScalars.dropFirst(6)
      let trimmed = rest.drop { $0 == " " || $0 == "\t" }
      let name = trimmed.prefix(while: isWord)
      guard text.hasPrefix("export"), trimmed.count < rest.count, !name.isEmpty else { continue }
      guard trimmed.dropFirst(name.count).first == "=", trimmed.dropFirst(name.count + 1).first.map(isWord) == true else { continue }
      let last = text.split(separator: "export ", omittingEmptySubsequences: false).last ?? ""
      let parts = last.split(separator: "=", omittingEmptySubsequences: false)
      if parts.count == 2 { found[String(parts[0])] = String(parts[1]) }
    }
    return found
  }
}

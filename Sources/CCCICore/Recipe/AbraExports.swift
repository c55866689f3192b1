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
}

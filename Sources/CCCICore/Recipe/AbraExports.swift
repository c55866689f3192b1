/// The `export NAME=value` lines of a recipe's `abra.sh`, which abra merges over the app's environment before it reads compose.
///
/// Read as text and never run: the file belongs to whoever wrote the commit.
public enum AbraExports {
  public static func values(_ script: String) -> [String: String] {
    let assignments = script.split(separator: "\n").compactMap { line -> Substring? in
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      return trimmed.hasPrefix("export ") ? trimmed.dropFirst("export ".count) : nil
    }
    return EnvFile(assignments.joined(separator: "\n")).values
  }
}

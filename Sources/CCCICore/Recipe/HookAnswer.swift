/// What a hook of a recipe's own `tests/` asks for: `env.out` and `secrets.out`, lines of `NAME=value`. Pure, and strict: its author is whoever opened the
/// pull request.
public struct HookAnswer: Sendable, Equatable {
  /// For the app's `.env`, in the order of the file.
  public var environment: [Pair] = []
  /// Swarm secrets by their names in compose.
  public var secrets: [Pair] = []

  public struct Pair: Sendable, Hashable {
    public var name: String
    public var value: String
  }

  /// Bytes of one of the files; a swarm secret has at most 500 kB.
  public static let most = 512 << 10

  /// - Throws: `badData` with file and line.
  public static func environment(_ text: String) throws(Failure) -> [Pair] {
    try pairs(text, file: "env.out") { name, value in
      if EnvFile("\(name)=1\n").values != [name: "1"] { return "\(name.prefix(80)) is no name of a variable" }
      if name.hasPrefix("CCCI_") || RecipeSettings.owned[name] != nil { return "\(name) is set by cc-ci" }
      return value.contains("\0") ? "\(name): a value has no NUL" : nil
    }
  }

  public static func secrets(_ text: String) throws(Failure) -> [Pair] {
    try pairs(text, file: "secrets.out") { name, value in
      let isPlain = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
      if !isPlain || name.isEmpty { return "\(name.prefix(80)) is no name of a secret" }
      return value.isEmpty ? "\(name): an empty secret" : nil
    }
  }

  private static func pairs(_ text: String, file: String, problem: (String, String) -> String?) throws(Failure) -> [Pair] {
    var pairs: [Pair] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !$0.isWhitespace }), !line.hasPrefix("#") else { continue }
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let complaint = parts.count == 2 ? problem(parts[0], parts[1]) : "no NAME=value"
      if let complaint {
        throw Failure(
          .badData, "\(file) line \(index + 1): \(complaint)",
          next: "write lines of NAME=value; what needs more belongs into cc-ci's tests/")
      }
      pairs.append(Pair(name: parts[0], value: parts[1]))
    }
    return pairs
  }
}

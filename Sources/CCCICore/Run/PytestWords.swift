/// What pytest says when it ends before it can report, made short. Pure.
enum PytestWords {
  /// The last line, behind the file and line that the error was found in, where one is named: `conftest.py: line 1: SyntaxError: invalid syntax`.
  static func last(_ text: String) -> String? {
    let lines = TerminalText.tail(text, 200).map(unmarked)
    guard let last = lines.last(where: { !$0.isEmpty }) else { return nil }
    guard let place = lines.lazy.compactMap(place).last else { return last }
    return "\(place): \(last)"
  }

  /// Without the `E` that pytest puts before the lines of an error.
  private static func unmarked(_ line: String) -> String {
    String((line.hasPrefix("E ") ? line.dropFirst(2) : line[...]).drop { $0 == " " })
  }

  /// `File "/a/conftest.py", line 1` as `conftest.py: line 1`.
  private static func place(_ line: String) -> String? {
    let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "File ", let name = parts[1].split(separator: "/").last, parts[2].hasPrefix(", line ") else {
      return nil
    }
    return "\(name): line \(parts[2].dropFirst(", line ".count).prefix { $0.isNumber })"
  }
}

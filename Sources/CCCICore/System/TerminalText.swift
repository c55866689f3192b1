/// What a program wrote for a terminal, as plain lines.
public enum TerminalText {
  /// Without ANSI sequences and carriage returns.
  public static func plain(_ text: String) -> String {
    var result = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "\u{1B}" {
        skipSequence(&rest)
      } else if scalar != "\r" {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The last `count` lines that are not empty.
  public static func tail(_ text: String, _ count: Int = 20) -> [String] {
    plain(text).split(separator: "\n").filter { $0.contains { !$0.isWhitespace } }.suffix(count).map(String.init)
  }

  private static func skipSequence(_ rest: inout Substring.UnicodeScalarView) {
    guard let kind = rest.popFirst() else { return }
    switch kind {
    case "[": while let next = rest.popFirst(), !("@"..."~").contains(next) {}
    case "]": while let next = rest.popFirst(), next != "\u{7}", next != "\u{1B}" {}
    default: return
    }
  }
}

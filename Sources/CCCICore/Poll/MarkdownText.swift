/// Texts from outside as they may stand in a comment: nothing in them is a mention, a reference, markup or an end of what holds them.
enum MarkdownText {
  /// One line of at most 300 characters, as code. Neither mentions nor references are looked for in code.
  static func code(_ text: String) -> String {
    let flat = line(text).replacing("|", with: "¦")
    guard !flat.isEmpty else { return "" }
    let fence = String(repeating: "`", count: longestRun(of: "`", in: flat) + 1)
    let isTouching = flat.hasPrefix("`") || flat.hasSuffix("`")
    return isTouching || fence.count > 1 ? "\(fence) \(flat) \(fence)" : "`\(flat)`"
  }

  /// A block of code; its fence is longer than any in it.
  static func block(_ lines: [String]) -> String {
    let lines = lines.map { String(line($0, longest: 500)) }
    let run = lines.map { max(longestRun(of: "`", in: $0), 0) }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, run + 1))
    return "\(fence)text\n\(lines.joined(separator: "\n"))\n\(fence)"
  }

  /// Without control characters, marks of direction and line ends; mentions are broken too, should code once not be code.
  static func line(_ text: String, longest: Int = 300) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in TerminalText.plain(text).unicodeScalars.prefix(longest * 4) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: plain.append(" ")
      default:
        plain.append(scalar)
        if scalar == "@" || scalar == "#" || scalar == "!" { plain.append("\u{200B}") }
      }
    }
    let text = String(plain)
    let cut = text.count > longest ? text.prefix(longest) + "…" : text[...]
    let start = cut.firstIndex { $0 != " " } ?? cut.endIndex
    let end = cut.lastIndex { $0 != " " } ?? cut.startIndex
    return start <= end && start < cut.endIndex ? String(cut[start...end]) : ""
  }

  private static func longestRun(of character: Character, in text: String) -> Int {
    var (longest, run) = (0, 0)
    for other in text {
      run = other == character ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}

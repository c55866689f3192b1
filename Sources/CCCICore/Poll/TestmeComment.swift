/// The grammar of what a person can say: the first line of a comment that is not blank, as exact tokens.
public enum TestmeComment {
  public static let grammar = "!testme [--quick] [--extra-tests | --extra] [--tiers install,upgrade,backup,restore,custom]"
  /// A longer line asks for nothing that we know.
  static let longest = 400

  /// nil when nothing is asked of us: prose, quotes, code, another word that begins alike.
  public static func parse(_ body: String) -> PollOrder? {
    guard let line = firstLine(body) else { return nil }
    var words = line.split { $0 == space || $0 == tab }.map { String(decoding: $0, as: UTF8.self) }[...]
    guard let verb = words.popFirst() else { return nil }
    switch verb {
    case "!testme": return line.count > longest ? PollOrder(.unclear) : testme(words) ?? PollOrder(.unclear)
    case "!status" where words.isEmpty: return PollOrder(.status)
    case "!cancel" where words.isEmpty: return PollOrder(.cancel)
    case "!help" where words.isEmpty: return PollOrder(.help)
    default: return nil
    }
  }

  /// nil when a word is no flag, or a flag stands there twice.
  private static func testme(_ words: ArraySlice<String>) -> PollOrder? {
    var order = PollOrder(.testme)
    var rest = words
    var hasTiers = false
    while let word = rest.popFirst() {
      switch word {
      case "--quick" where !order.quick: order.quick = true
      case "--extra-tests" where !order.extra, "--extra" where !order.extra: order.extra = true
      case "--tiers" where !hasTiers:
        guard let text = rest.popFirst(), let tiers = tiers(text) else { return nil }
        hasTiers = true
        order.tiers = tiers == Tier.allCases ? nil : tiers
      default: return nil
      }
    }
    return order
  }

  private static func tiers(_ text: String) -> [Tier]? {
    do throws(Failure) { return try Tier.list(text) } catch { return nil }
  }

  /// Bytes, since to Swift a carriage return with its line feed is one character. nil when it is set off as code, or when there is none.
  private static func firstLine(_ body: String) -> ArraySlice<UInt8>? {
    for line in Array(body.utf8).split(separator: feed, omittingEmptySubsequences: true) {
      let line = line.last == carriage ? line.dropLast() : line
      let blanks = line.prefix { $0 == space || $0 == tab }
      guard blanks.count < line.count else { continue }
      return blanks.count > 3 || blanks.contains(tab) ? nil : line[(line.startIndex + blanks.count)...]
    }
    return nil
  }

  private static let space = UInt8(ascii: " ")
  private static let tab = UInt8(ascii: "\t")
  private static let feed = UInt8(ascii: "\n")
  private static let carriage = UInt8(ascii: "\r")
}

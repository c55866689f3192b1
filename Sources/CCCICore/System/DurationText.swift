/// Durations as people write them in settings: `90s`, `10m`, `2h`, `90d`, `500ms`.
public enum DurationText {
  public static func parse(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number <= 31_536_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": return .milliseconds(number)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    case "d" where number <= 36_500: return .seconds(number * 86_400)
    default: return nil
    }
  }

  /// The largest unit that gives a whole number: `52m`, `90s`, `1500ms`.
  public static func format(_ duration: Duration) -> String {
    let milliseconds = Int64((duration.seconds * 1000).rounded())
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] as [(String, Int64)]
    where milliseconds % size == 0 && milliseconds != 0 {
      return "\(milliseconds / size)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

extension Duration {
  /// In seconds, as results and summaries carry it.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

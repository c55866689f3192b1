import FoundationEssentials

/// Docker's time stamps: RFC 3339 with up to nine digits of a second, and `0001-01-01T00:00:00Z` for "never".
enum EngineTime {
  /// nil when the text is no time stamp, and for "never" (any year before 1970).
  static func parse(_ text: String) -> Date? {
    var rest = Array(text.utf8)[...]
    guard let year = number(&rest, 4, then: "-"), let month = number(&rest, 2, then: "-"), let day = number(&rest, 2, then: "T"),
      let hour = number(&rest, 2, then: ":"), let minute = number(&rest, 2, then: ":"), let second = number(&rest, 2),
      let fraction = fraction(&rest), let offset = offset(rest), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let days = daysSince1970(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    return seconds < 0 ? nil : Date(timeIntervalSince1970: Double(seconds) + fraction)
  }

  /// So many digits and the character behind them.
  private static func number(_ rest: inout ArraySlice<UInt8>, _ count: Int, then mark: Unicode.Scalar? = nil) -> Int? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    rest = rest.dropFirst(count)
    if let mark {
      guard let next = rest.popFirst(), next == UInt8(ascii: mark) else { return nil }
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  /// `.713112208`, or nothing.
  private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Double? {
    guard rest.first == UInt8(ascii: ".") else { return 0 }
    let digits = rest.dropFirst().prefix { (48...57).contains($0) }
    guard (1...9).contains(digits.count) else { return nil }
    rest = rest.dropFirst(1 + digits.count)
    return digits.reversed().reduce(0) { ($0 + Double($1 - 48)) / 10 }
  }

  /// `Z`, `+02:00`: seconds east of Greenwich.
  private static func offset(_ text: ArraySlice<UInt8>) -> Int? {
    var rest = text
    switch rest.popFirst() {
    case UInt8(ascii: "Z"): return rest.isEmpty ? 0 : nil
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard let hours = number(&rest, 2, then: ":"), let minutes = number(&rest, 2), rest.isEmpty else { return nil }
      return (text.first == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    default: return nil
    }
  }

  /// Seconds with nine decimals, as `since=` wants them.
  static func text(_ date: Date) -> String {
    let micros = Int((date.timeIntervalSince1970 * 1_000_000).rounded())
    let fraction = String(micros % 1_000_000 + 1_000_000).dropFirst()
    return "\(micros / 1_000_000).\(fraction)000"
  }

  /// The proleptic Gregorian calendar, by Hinnant's `days_from_civil`.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

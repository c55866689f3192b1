import FoundationEssentials

/// Docker's time stamps: RFC 3339 with up to nine digits of a second, and `0001-01-01T00:00:00Z` for "never".
enum EngineTime {
  /// nil when the text is no time stamp, and for "never" (any year before 1970).
  static func parse(_ text: String) -> Date? {
    let pattern = /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))/
    guard let match = text.wholeMatch(of: pattern)?.output else { return nil }
    let number = { (part: Substring) in Int(part) ?? 0 }
    let day = daysSince1970(year: number(match.1), month: number(match.2), day: number(match.3))
    var seconds = day * 86_400 + number(match.4) * 3600 + number(match.5) * 60 + number(match.6)
    if let sign = match.8, let hours = match.9, let minutes = match.10 {
      seconds -= (sign == "-" ? -1 : 1) * (number(hours) * 3600 + number(minutes) * 60)
    }
    guard seconds >= 0 else { return nil }
    let fraction = match.7.flatMap { Double("0\($0)") } ?? 0
    return Date(timeIntervalSince1970: Double(seconds) + fraction)
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

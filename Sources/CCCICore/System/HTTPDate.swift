public import FoundationEssentials

/// The `Date` header: `Tue, 01 Jun 2026 09:00:04 GMT`.
public enum HTTPDate {
  /// nil for any other form; the two obsolete ones are sent by nobody.
  public static func parse(_ text: String) -> Date? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", let month = months.firstIndex(of: String(words[2])),
      let day = number(words[1], 2), let year = number(words[3], 4), (1...31).contains(day)
    else { return nil }
    let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).map { number($0, 2) }
    guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2], hour < 24, minute < 60, second < 61 else {
      return nil
    }
    return Date(timeIntervalSince1970: Double(days(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second))
  }

  public static func format(_ date: Date) -> String {
    let seconds = Int(date.timeIntervalSince1970.rounded(.down))
    let iso = Array(Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601))
    let days = (seconds - (((seconds % 86_400) + 86_400) % 86_400)) / 86_400
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
    let month = (Int(String(iso[5...6])) ?? 1) - 1
    return "\(weekday), \(String(iso[8...9])) \(months[month]) \(String(iso[0...3])) \(String(iso[11...18])) GMT"
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  private static func number(_ text: Substring, _ digits: Int) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(text)
  }

  /// Days since 1970 of a day of the Gregorian calendar, by Hinnant's `days_from_civil`.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

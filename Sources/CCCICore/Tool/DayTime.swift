public import FoundationEssentials
import Glibc

/// A time of the day on this host's clock on the wall, as settings have it: `06:00`.
public struct DayTime: Sendable, Equatable, CustomStringConvertible {
  public var hour: Int
  public var minute: Int

  /// nil for what is no time of the day.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) } }
    guard parts.count == 2, isPlain, let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60 else { return nil }
    (self.hour, self.minute) = (hour, minute)
  }

  public var description: String { "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)" }

  /// When it comes next, in the host's time zone.
  public func next(after date: Date) -> Date {
    var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
    var day = tm()
    localtime_r(&seconds, &day)
    (day.tm_hour, day.tm_min, day.tm_sec) = (Int32(hour), Int32(minute), 0)
    for _ in 0..<2 {
      // Whether summer time is then in force, the calendar says.
      day.tm_isdst = -1
      let found = Date(timeIntervalSince1970: Double(mktime(&day)))
      if found > date { return found }
      day.tm_mday += 1
      (day.tm_hour, day.tm_min, day.tm_sec) = (Int32(hour), Int32(minute), 0)
    }
    return date.addingTimeInterval(86_400)
  }
}

import FoundationEssentials
import Testing

@testable import CCCICore

@Suite("Docker's time stamps")
struct EngineTimeTests {
  @Test(
    "a time stamp is read to the microsecond",
    arguments: [
      ("1970-01-01T00:00:00Z", 0.0), ("2026-11-21T00:31:29.713112208Z", 1_795_221_089.713_112), ("2024-02-29T12:00:00Z", 1_709_208_000),
      ("2024-03-01T12:00:00.5+02:00", 1_709_287_200.5), ("2024-03-01T12:00:00-01:30", 1_709_299_800), ("2000-12-31T23:59:59Z", 978_307_199),
    ])
  func reads(text: String, seconds: Double) throws {
    let date = try #require(EngineTime.parse(text))
    #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_001)
  }

  @Test(
    "never and nonsense are nil",
    arguments: [
      "0001-01-01T00:00:00Z", "", "yesterday", "2024-03-01", "2024-03-01T12:00:00", "1969-12-31T23:59:59Z", "2024-13-01T12:00:00Z",
      "2024-03-01T12:00:00.Z", "2024-03-01T12:00:00Zulu", "2024-03-01T12:00:00+2:00",
    ])
  func refuses(text: String) {
    #expect(EngineTime.parse(text) == nil)
  }

  @Test("every day from 1970 to 2100 is one day after the one before")
  func calendar() {
    let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    var expected = -86_400.0
    var wrong: [String] = []
    for year in 1970...2100 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (month, days) in zip(1..., [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        for day in 1...days {
          let text = "\(year)-\(two(month))-\(two(day))T00:00:00Z"
          expected += 86_400
          if EngineTime.parse(text)?.timeIntervalSince1970 != expected { wrong.append(text) }
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(
    "since= has seconds and nine decimals",
    arguments: [(1_795_221_089.5, "1795221089.500000000"), (12.000_001, "12.000001000"), (0, "0.000000000")])
  func writes(seconds: Double, expected: String) {
    #expect(EngineTime.text(Date(timeIntervalSince1970: seconds)) == expected)
  }
}

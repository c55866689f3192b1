/// One tier as JUnit XML, the form that CI viewers read.
public enum JUnit {
  public static func xml(_ tier: TierResult, of recipe: String) -> String {
    // A tier without tests is shown as one test, which carries its outcome.
    let outcomes = tier.tests.isEmpty ? [tier.outcome] : tier.tests.map(\.outcome)
    let count = { (outcome: Outcome) in outcomes.filter { $0 == outcome }.count }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuite name=\"\(escaped("\(recipe).\(tier.tier.rawValue)"))\" tests=\"\(outcomes.count)\""
    text += " failures=\"\(count(.fail))\" errors=\"\(count(.error))\""
    text += " skipped=\"\(count(.skip))\" time=\"\(seconds(tier.seconds))\">\n"
    if tier.tests.isEmpty {
      text += testcase("tier", recipe, tier, tier.outcome, tier.because, tier.seconds)
    }
    for test in tier.tests { text += testcase(test.name, recipe, tier, test.outcome, test.because, test.seconds) }
    return text + "</testsuite>\n"
  }

  private static func testcase(
    _ name: String, _ recipe: String, _ tier: TierResult, _ outcome: Outcome, _ because: String?, _ time: Double
  ) -> String {
    let open = "  <testcase classname=\"\(escaped("\(recipe).\(tier.tier.rawValue)"))\" name=\"\(escaped(name))\" time=\"\(seconds(time))\""
    let message = " message=\"\(escaped(because ?? ""))\"/>"
    switch outcome {
    case .pass: return open + "/>\n"
    case .fail: return open + "><failure\(message)</testcase>\n"
    case .error: return open + "><error\(message)</testcase>\n"
    case .skip: return open + "><skipped\(message)</testcase>\n"
    }
  }

  /// What a test reports of itself is not trusted to be a time.
  static let longest = 1e9

  /// `1.250`.
  static func seconds(_ value: Double) -> String {
    let thousandths = Int((min(max(value, 0), longest) * 1000).rounded())
    let rest = String(thousandths % 1000)
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }

  /// Text for an attribute: markup escaped, characters that XML 1.0 forbids left out.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t", "\r": result += " "
      default: if scalar.value >= 32, scalar.value != 0xFFFE, scalar.value != 0xFFFF { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }
}

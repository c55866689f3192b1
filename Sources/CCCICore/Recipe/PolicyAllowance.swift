/// One `[[allow]]` entry of `recipe.toml`: an exception to the compose policy, with a reason.
///
/// Key and value may hold `{domain}` and `{stack}`: both differ from commit to commit.
public struct PolicyAllowance: Sendable, Hashable {
  public var service: String
  public var key: String
  public var value: String
  public var reason: String

  public init(service: String, key: String, value: String, reason: String) {
    self.service = service
    self.key = key
    self.value = value
    self.reason = reason
  }

  /// Whether it names exactly this finding. What nobody may accept, it does not accept.
  func allows(_ finding: PolicyFinding, in context: PolicyContext) -> Bool {
    finding.grace != .never && service == finding.subject && context.filled(key) == finding.key && context.filled(value) == finding.value
  }

  /// The lines of the entry that would accept a finding; the reason is left for its author, since an entry without one is refused.
  static func lines(for finding: PolicyFinding, in context: PolicyContext) -> [String] {
    [
      "[[allow]]", "service = \(quoted(finding.subject))", "key = \(quoted(context.templated(finding.key)))",
      "value = \(quoted(context.templated(finding.value)))", "reason = \"\"",
    ]
  }

  /// A TOML basic string.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 32 || scalar.value == 127:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

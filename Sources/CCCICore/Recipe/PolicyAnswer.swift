/// What the policy says of one commit.
public struct PolicyAnswer: Sendable, Hashable {
  /// A finding that nobody accepted.
  public struct Refusal: Sendable, Hashable {
    public var finding: PolicyFinding
    /// The lines of the `[[allow]]` entry that would accept it; empty where none can.
    public var entry: [String]

    /// What it is, and the way out, as a log shows it.
    public var lines: [String] {
      let way =
        entry.isEmpty ? ["  no entry can allow it: \(finding.hint.isEmpty ? "take it out" : finding.hint)"] : entry.map { "  \($0)" }
      return [finding.sentence] + way
    }
  }

  /// A finding that stands, and by whose leave.
  public struct Acceptance: Sendable, Hashable {
    public var finding: PolicyFinding
    public var because: String

    public var sentence: String { "\(finding.place): accepted: \(because)" }
  }

  public var refusals: [Refusal] = []
  public var accepted: [Acceptance] = []
  /// Entries that accepted nothing.
  public var unused: [PolicyAllowance] = []

  /// A published release, and what was found in it.
  public struct Published: Sendable, Hashable {
    public var version: RecipeVersion
    public var findings: [PolicyFinding]

    public init(version: RecipeVersion, findings: [PolicyFinding]) {
      self.version = version
      self.findings = findings
    }
  }

  /// - Parameter published: releases that people run; what one of them does, this commit may do.
  public static func of(
    _ findings: [PolicyFinding], published: [Published], allowances: [PolicyAllowance], in context: PolicyContext
  ) -> PolicyAnswer {
    var answer = PolicyAnswer()
    var used: Set<PolicyAllowance> = []
    for finding in PolicyFinding.unique(findings) {
      let entry = allowances.first { $0.allows(finding, in: context) }
      if let entry { used.insert(entry) }
      if finding.grace == .release, let release = published.first(where: { $0.findings.contains { $0.identity == finding.identity } }) {
        answer.accepted.append(Acceptance(finding: finding, because: "the published release \(release.version) does it"))
      } else if let entry {
        answer.accepted.append(Acceptance(finding: finding, because: "recipe.toml allows it: \(entry.reason)"))
      } else {
        let lines = finding.grace == .never ? [] : PolicyAllowance.lines(for: finding, in: context)
        answer.refusals.append(Refusal(finding: finding, entry: lines))
      }
    }
    answer.unused = allowances.filter { !used.contains($0) }
    return answer
  }

  /// Every refusal with its entry, as the log of a run keeps them.
  public var log: [String] {
    let shown = refusals.prefix(20).flatMap(\.lines)
    return shown + (refusals.count > 20 ? ["and \(refusals.count - 20) more"] : [])
  }

  /// The first refusal, and how many more.
  public var because: String {
    guard let first = refusals.first else { return "" }
    return first.finding.sentence + (refusals.count > 1 ? " (and \(refusals.count - 1) more)" : "")
  }
}

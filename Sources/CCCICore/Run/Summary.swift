import FoundationEssentials

/// A result as a person reads it in a log: a table of tiers, a bar for each phase, and the lines that matter.
public enum Summary {
  public static func text(_ results: Results, record: String) -> String {
    var lines = [""]
    let version = results.version ?? "no version"
    let commit = results.ref.map { " at \($0.prefix(8))" } ?? ""
    lines.append("\(results.recipe) \(version)\(commit), \(results.mode.rawValue)\(results.pr.map { ", pull request \($0)" } ?? "")")
    lines.append("")
    lines += table(results)
    lines.append("")
    lines += bars(results.timings)
    lines.append("")
    lines += facts(results)
    lines.append("record   \(record)")
    lines.append("")
    lines.append("\(results.verdict.rawValue.uppercased())  \(results.reason)")
    return lines.joined(separator: "\n")
  }

  private static func table(_ results: Results) -> [String] {
    var lines = ["tier      outcome  seconds  tests"]
    for tier in results.tiers {
      let passed = tier.tests.filter { $0.outcome == .pass }.count
      let tests = tier.tests.isEmpty ? "-" : "\(passed)/\(tier.tests.count)"
      let because = tier.outcome == .pass ? "" : "  \(tier.because ?? "")"
      lines.append(
        "\(tier.tier.rawValue.padded(to: 9)) \(tier.outcome.rawValue.padded(to: 8)) \(seconds(tier.seconds, width: 7))  \(tests.padded(to: 5))\(because)"
      )
    }
    return lines
  }

  private static let order = [
    "checkout", "create", "pull", "deploy", "converge", "ready", "hooks", "upgrade", "backup", "restore", "tests_install", "tests_upgrade",
    "tests_backup", "tests_restore", "tests_custom", "lint", "dependencies", "rebuild", "teardown", "own",
  ]

  private static func bars(_ timings: [String: Double]) -> [String] {
    let known = order.filter { timings[$0] != nil } + timings.keys.filter { !order.contains($0) }.sorted()
    let longest = min(timings.values.max() ?? 0, JUnit.longest)
    return known.map { phase in
      let value = min(max(timings[phase] ?? 0, 0), JUnit.longest)
      let width = longest > 0 ? Int((value / longest * 40).rounded()) : 0
      return "\(phase.padded(to: 14)) \(seconds(value, width: 7))  \(String(repeating: "█", count: width))"
    }
  }

  private static func facts(_ results: Results) -> [String] {
    var lines: [String] = []
    let level =
      Level.rungs.indices.contains(results.level - 1) ? "\(results.level) (\(Level.rungs[results.level - 1]))" : "\(results.level)"
    lines.append("level    \(level) of \(Level.rungs.count)")
    lines.append("base     \(base(results.base)): \(results.base.because)")
    for (tier, proof) in results.proved.sorted(by: { $0.key < $1.key }) { lines.append("proved   \(tier): \(proof.rawValue)") }
    if results.lint.outcome != .pass { lines.append("lint     \(results.lint.outcome.rawValue): \(results.lint.because ?? "")") }
    for orphan in results.orphansRemoved {
      lines.append("orphan   \(orphan): dropped by the head, kept by swarm; removed here, operators will keep it")
    }
    for (tier, who) in results.skips.optOuts.sorted(by: { $0.key < $1.key }) {
      lines.append("opt-out  generic assertions of \(tier): \(who)")
    }
    for warning in results.warnings { lines.append("warning  \(warning)") }
    for leftover in results.flags.leftovers { lines.append("left     \(leftover)") }
    if let failure = results.failure {
      lines.append("failure  \([failure.tier, failure.test, failure.because].compactMap { $0 }.joined(separator: ": "))")
      for line in failure.logTail { lines.append("       | \(line)") }
    }
    return lines
  }

  private static func base(_ base: Results.Base) -> String {
    if let version = base.version { return version }
    guard let value = base.value else { return "none" }
    return base.kind == "ref" ? String(value.prefix(8)) : value
  }

  private static func seconds(_ value: Double, width: Int) -> String {
    let tenths = Int((min(max(value, 0), JUnit.longest) * 10).rounded())
    let text = "\(tenths / 10).\(tenths % 10)"
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

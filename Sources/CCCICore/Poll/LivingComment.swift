import FoundationEssentials

/// The text of the one comment that answers a trigger. Pure; nothing of it is decided by anybody outside but what stands in code.
struct LivingComment: Sendable {
  let trigger: PollTrigger
  /// The recipe as its repository is called.
  let recipe: String
  /// Where it is cloned from.
  let source: String
  /// The build's page; nil while there is no build.
  let page: String?

  /// Gitea keeps more, and nobody reads it.
  static let longest = 60_000

  /// How a build stands.
  enum View: Sendable, Equatable {
    case asked
    case queued(QueuePlace?)
    case stuck(String)
    case running(phase: String?, minutes: Int)
    case over(DroneBuild.Status, Results?, String?)
  }

  // MARK: the marker

  /// The first line, invisible: the key, without a character that could make a mention or a reference of it.
  static func marker(_ key: String) -> String {
    "<!-- ccci:v1 key=\(key.replacing("#", with: "%23").replacing("@", with: "%40").replacing("--", with: "%2D%2D")) -->"
  }

  /// Whether a comment is the answer to a trigger. Anybody can write a marker: only ours counts.
  static func isOurs(_ comment: GiteaComment, key: String, bot: Int) -> Bool {
    comment.user.id == bot && comment.body.utf8.starts(with: marker(key).utf8)
  }

  // MARK: texts

  func text(_ view: View, older: String? = nil) -> String {
    var lines = [headline(view)]
    lines += ["", "commit `\(trigger.sha ?? "")`\(asked)"]
    if let older { lines.append(older) }
    if case .over(let status, let results, let note) = view { lines += ending(status, results, note) }
    return whole(lines + link)
  }

  private var link: [String] {
    guard let page, let build = trigger.build else { return [] }
    return ["", "[build \(build)](\(page))"]
  }

  /// What came of a trigger that has no build to look at.
  func ended() -> String {
    let reason = trigger.reason ?? ""
    switch trigger.ending {
    case .refused: return whole(["**not tested**: \(reason)"])
    case .failed: return whole(["**could not start**: \(MarkdownText.code(reason))"] + link)
    case .joined, .answered: return whole([reason])
    case .cancelled: return whole(["**cancelled**\(trigger.cancelledBy.map { " by \(MarkdownText.code($0))" } ?? "")"] + link)
    case .finished, nil: return whole(["**over**"])
    }
  }

  /// - Parameter lines: Markdown.
  private func whole(_ lines: [String]) -> String {
    let text = lines.joined(separator: "\n")
    let marker = Self.marker(trigger.key)
    guard text.utf8.count + marker.utf8.count >= Self.longest else { return "\(marker)\n\(text)" }
    // The middle may be inside of a block of code: the short form has none.
    return "\(marker)\n\(lines.first ?? "")\n\nThe answer is too long for a comment; the build has it all."
  }

  private var asked: String {
    let flags = trigger.order.flags
    return flags.isEmpty ? "" : ",\(flags.split(separator: " ").map { " `\($0)`" }.joined())"
  }

  private func headline(_ view: View) -> String {
    switch view {
    case .asked: return "**\(recipe)**: asking Drone for a build, which has not answered yet"
    case .stuck(let why): return "**\(recipe)**: stuck: \(why)"
    case .queued(let place): return "**\(recipe)**: queued\(place.map { Self.words($0) } ?? "")"
    case .running(let phase, let minutes):
      return "**\(recipe)**: running\(phase.map { ": \(MarkdownText.code($0))" } ?? ""), for \(minutes) min"
    case .over(let status, let results, _):
      guard let results else { return "**\(recipe)**: **no answer** (the build is over: \(MarkdownText.code(status.word)))" }
      return "**\(recipe)**: **\(results.verdict.rawValue.uppercased())** \(Self.confidence(results))\(MarkdownText.code(results.reason))"
    }
  }

  private static func words(_ place: QueuePlace) -> String {
    let number = place.ahead == 0 ? ", next" : ", \(place.ahead) before it"
    let behind = place.behind.map { " (behind build \($0))" } ?? ""
    let wait = place.wait.map { $0 < 60 ? ", should begin at once" : ", should begin in about \(($0 + 59) / 60) min" } ?? ""
    return "\(number)\(behind)\(wait)" + (place.stuck.map { ". \($0)" } ?? "")
  }

  private static func confidence(_ results: Results) -> String {
    switch (results.mode, results.verdict) {
    case (.quick, _): "(quick: lower confidence, does not gate) "
    case (.cold, .partial): "(some tiers only, does not gate) "
    case (.cold, _), (.promote, _): ""
    }
  }

  private func ending(_ status: DroneBuild.Status, _ results: Results?, _ note: String?) -> [String] {
    var lines: [String] = []
    if let note { lines += ["", note] }
    guard let results else {
      return lines + ["", status == .killed ? "It was cancelled, or it took longer than Drone allows." : "It left no results."]
    }
    lines += ["", "| tier | outcome | seconds | |", "|---|---|---:|---|"]
    for tier in results.tiers.prefix(10) {
      let because = tier.outcome == .pass ? "" : MarkdownText.code(tier.because ?? "")
      lines.append("| \(tier.tier.rawValue) | \(tier.outcome.rawValue) | \(Int(min(max(tier.seconds, 0), 1e6).rounded())) | \(because) |")
    }
    lines += ["", "level \(results.level) of \(Level.rungs.count), \(results.mode.rawValue)"]
    for leftover in results.flags.leftovers.prefix(5) { lines.append("left behind: \(MarkdownText.code(leftover))") }
    if let failure = results.failure {
      let what = [failure.tier, failure.test, failure.because].compactMap { $0 }.map { MarkdownText.code($0) }.joined(separator: ": ")
      lines += ["", "first failure: \(what)"]
      let log = failure.logTail.suffix(20)
      if !log.isEmpty {
        lines += ["", "<details><summary>last lines of its log</summary>", "", MarkdownText.block(Array(log)), "", "</details>"]
      }
    }
    return lines + ["", "Again, by hand:", "", MarkdownText.block([command])]
  }

  private var command: String {
    "ccci-run \(recipe) --ref \(trigger.sha ?? "") --pr \(trigger.pr) --src \(source)\(trigger.order.flags)"
  }
}

/// What is said when somebody asks how to ask.
enum HelpText {
  static let lines = [
    "What can be said, as the first line of a new comment on an open pull request:",
    "",
    "| | |", "|---|---|",
    "| `!testme` | test the head of this pull request, as it is when the comment is written |",
    "| `!testme --quick` | on warm data: lower confidence, does not gate |",
    "| `!testme --extra-tests` | with the tests of `extra/` too (also `--extra`) |",
    "| `!testme --tiers install,upgrade` | only these tiers; a run of some of them does not gate |",
    "| `!status` | what waits and runs for this pull request |",
    "| `!cancel` | end what waits and runs for this pull request |",
    "| `!help` | this |",
    "",
    "Reviews, descriptions and edited comments are not seen. The permission of a comment is for one commit: after a push, comment again.",
  ]

  static let help = lines.joined(separator: "\n")
  static let unclear = "That is not understood. It is `\(TestmeComment.grammar)`; `!help` says more."
}

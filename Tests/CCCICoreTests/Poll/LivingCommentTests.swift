import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct LivingCommentTests {
  private func comment(_ change: (inout PollTrigger) -> Void = { _ in }) -> LivingComment {
    var trigger = PollTrigger(
      host: "git.example.org", owner: "recipes", repo: "notes", pr: 12, comment: 901, user: 41, login: "mira", created: Records.start,
      order: PollOrder(.testme), now: Records.start)
    trigger.sha = Records.sha
    trigger.build = 42
    change(&trigger)
    return LivingComment(
      trigger: trigger, recipe: "notes", source: "https://git.example.org/recipes/notes.git",
      page: "https://drone.example.org/recipes/cc-ci/42")
  }

  @Test func `the marker is invisible, names the key, and is nobody's but ours`() {
    let key = "git.example.org/recipes/notes#12@901"
    let marker = LivingComment.marker(key)
    #expect(marker == "<!-- ccci:v1 key=git.example.org/recipes/notes%2312%40901 -->")
    #expect(LivingComment.marker("a/b--c#1@2").dropFirst(4).dropLast(3).contains("--") == false)
    let body = "\(marker)\ntext"
    let ours = GiteaComment(id: 1, body: body, user: GiteaUser(id: 7, login: "b"), created: Records.start, updated: Records.start, pull: 12)
    #expect(LivingComment.isOurs(ours, key: key, bot: 7) && !LivingComment.isOurs(ours, key: key, bot: 8))
    #expect(!LivingComment.isOurs(ours, key: key + "2", bot: 7) && !LivingComment.isOurs(ours, key: String(key.dropLast()), bot: 7))
  }

  @Test func `it says where the build stands`() {
    let comment = comment()
    let queued = comment.text(.queued(QueuePlace(ahead: 2, behind: 39, wait: 1300)))
    #expect(queued.contains("queued, 2 before it (behind build 39), should begin in about 22 min"))
    #expect(comment.text(.queued(QueuePlace(ahead: 0, behind: nil, wait: 0))).contains("queued, next, should begin at once"))
    #expect(comment.text(.queued(nil)).contains("**notes**: queued\n"))
    #expect(comment.text(.running(phase: "upgrade", minutes: 5)).contains("running: `upgrade`, for 5 min"))
    #expect(comment.text(.stuck("it hangs")).contains("stuck: it hangs"))
    #expect(comment.text(.asked).contains("has not answered"))
    #expect(comment.text(.queued(nil), older: "follows build 41").contains("follows build 41"))
    for view in [LivingComment.View.asked, .queued(nil), .stuck(""), .running(phase: nil, minutes: 0), .over(.killed, nil, nil)] {
      let text = comment.text(view)
      #expect(
        text.hasPrefix(LivingComment.marker(comment.trigger.key)) && text.contains("[build 42](https://drone.example.org/recipes/cc-ci/42)")
      )
    }
  }

  @Test func `the end has the verdict, the tiers, the first failure with its log, and how to repeat it`() {
    let text = comment { $0.order = PollOrder(.testme, extra: true) }.text(.over(.failure, Records.full, nil))
    for part in [
      "**RED**", "| upgrade | ", "level 1 of 5, cold", "first failure: `upgrade`: `upgrade finished`: `so`",
      "<details><summary>last lines of its log</summary>", "left behind: `volume x`",
      "ccci-run notes --ref \(Records.sha) --pr 12 --src https://git.example.org/recipes/notes.git --extra-tests",
    ] { #expect(text.contains(part), "\(part)") }
    var quick = Records.bare
    (quick.mode, quick.verdict) = (.quick, .quickGreen)
    #expect(comment().text(.over(.success, quick, nil)).contains("lower confidence, does not gate"))
    #expect(comment().text(.over(.killed, nil, nil)).contains("cancelled, or it took longer"))
    #expect(comment().text(.over(.failure, nil, nil)).contains("no results"))
  }

  /// What Markdown would make of it: everything outside of code.
  static func prose(_ text: String) -> String {
    var prose = ""
    var fence: Substring?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let ticks = line.prefix { $0 == "`" }
      if let open = fence {
        if ticks.count >= open.count, line.dropFirst(ticks.count).allSatisfy({ $0 == " " }) { fence = nil }
        continue
      }
      if ticks.count >= 3, !line.dropFirst(ticks.count).contains("`") {
        fence = ticks
        continue
      }
      prose += spansRemoved(line) + "\n"
    }
    return fence == nil ? prose : prose + "UNCLOSED"
  }

  /// Code spans begin and end with equally many backticks.
  private static func spansRemoved(_ line: Substring) -> String {
    var result = ""
    var rest = line
    while let start = rest.firstIndex(of: "`") {
      result += rest[..<start]
      let run = rest[start...].prefix { $0 == "`" }
      rest = rest[run.endIndex...]
      var search = rest
      var end: Substring?
      while let next = search.firstIndex(of: "`") {
        let other = search[next...].prefix { $0 == "`" }
        if other.count == run.count {
          end = other
          break
        }
        search = search[other.endIndex...]
      }
      if let end { rest = rest[end.endIndex...] } else { result += run }
    }
    return result + rest
  }

  static let hostile = [
    "@everyone", "recipes/notes#1", "#1", "!1", "`@mira`", "``@mira", "```\n@mira\n```", "````@mira", "</details>@mira", "<!-- @mira",
    "-->@mira", "| @mira | #1 |", "\n@mira", "\r@mira", "\u{2028}@mira", "\u{85}@mira", "\u{1B}[31m@mira", "\u{0}@mira", "\u{202E}@mira",
    "<img src=x onerror=@mira>", "[@mira](javascript:x)", "https://git.example.org/recipes/notes/issues/1 #1", "\\`@mira", "`", "``", "` `",
    " `@mira` ", "~~~\n@mira", "    @mira", "\t@mira", "&#64;mira", "@mira`", "`@mira", "a`b``c```d````@mira", "@\u{200D}mira",
    String(repeating: "@mira ", count: 20_000), String(repeating: "`", count: 5000), "*@mira*", "\u{FEFF}@mira", "!testme",
  ]

  @Test(arguments: hostile)
  func `nothing that comes from outside is a mention, a reference or markup`(text: String) {
    var results = Records.full
    results.verdict = .red
    results.reason = text
    results.tiers = [TierResult(tier: .install, outcome: .fail, because: text, tests: [])]
    results.failure = Results.FirstFailure(tier: text, test: text, because: text, logTail: Array(repeating: text, count: 40))
    results.flags.leftovers = [text]
    let comment = comment {
      $0.cancelledBy = text
      $0.reason = text
    }
    let texts = [
      comment.text(.over(.other(text), results, MarkdownText.code(text))), comment.text(.over(.other(text), nil, nil)),
      comment.text(.running(phase: text, minutes: 1)),
      self.comment { ($0.ending, $0.reason) = (.failed, text) }.ended(),
      self.comment { ($0.ending, $0.cancelledBy) = (.cancelled, text) }.ended(),
    ]
    for answer in texts {
      #expect(answer.utf8.count < LivingComment.longest + 500)
      let prose = Self.prose(String(answer.drop { $0 != "\n" }))
      #expect(!prose.contains("@") && !prose.contains("#") && !prose.contains("UNCLOSED"), "\(prose.prefix(300))")
      #expect(!prose.contains("javascript") && !prose.contains("onerror"), "\(prose.prefix(300))")
      #expect(
        answer.unicodeScalars.allSatisfy {
          $0 == "\n" || $0 == "\u{200B}" || ($0.properties.generalCategory != .control && $0.properties.generalCategory != .format)
        })
      #expect(answer.hasPrefix("<!-- ccci:v1 "))
    }
  }
}

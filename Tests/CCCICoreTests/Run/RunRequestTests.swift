import CCCICore
import Testing

@Suite struct RunRequestTests {
  static let sha = String(repeating: "a1", count: 20)

  @Test func `with a recipe alone the newest release walks through every tier`() throws {
    let request = try Plans.request()
    #expect(request.recipe.text == "notes" && request.target == .latest && request.tiers == Tier.allCases)
    #expect(!request.extra && !request.keep && request.src == nil && request.runID == nil && request.trigger == nil)
  }

  @Test func `Drone's environment says what the arguments do not`() throws {
    let environment = [
      "RECIPE": "custom-html", "REF": Self.sha.uppercased(), "PR": "12", "SRC": "https://git.example.org/o/r.git",
      "STAGES": "install,upgrade",
      "EXTRA_TESTS": "1", "CCCI_TRIGGER": "git.example.org/o/r#12@345", "VERSION": "",
    ]
    let request = try RunRequest.make(RunRequest.Arguments(), environment: environment)
    #expect(request.recipe.text == "custom-html" && request.target == .commit(try CommitID.pinned(Self.sha), pr: 12))
    #expect(request.src == "https://git.example.org/o/r.git" && request.tiers == [.install, .upgrade] && request.extra)
    #expect(request.trigger == "git.example.org/o/r#12@345")
    let other = try RunRequest.make(
      RunRequest.Arguments(), environment: ["RECIPE": "notes", "VERSION": "1.0.0+1", "EXTRA_TESTS": "0", "PR": "0"])
    #expect(other.target == .version(try #require(RecipeVersion("1.0.0+1"))) && !other.extra)
  }

  @Test func `an argument wins over the environment, an empty one too`() throws {
    let environment = ["RECIPE": "custom-html", "REF": Self.sha, "PR": "12", "SRC": "https://a/b", "STAGES": "install", "VERSION": "x"]
    let request = try Plans.request(
      {
        $0.ref = String(repeating: "b", count: 64)
        $0.pr = "7"
        $0.src = "https://c/d"
        $0.tiers = "custom,install"
        $0.version = ""
        $0.extra = true
        $0.keep = true
        $0.runID = "m-1"
        $0.tests = "/srv/tests"
      }, environment)
    #expect(request.recipe.text == "notes" && request.target.what == String(repeating: "b", count: 64) && request.target.pr == 7)
    #expect(request.src == "https://c/d" && request.tiers == [.install, .custom] && request.extra && request.keep)
    #expect(request.runID == "m-1" && request.tests == "/srv/tests")
    #expect(try Plans.request({ ($0.ref, $0.pr, $0.version) = ("", "", "") }, environment).target == .latest)
  }

  static let hostile = ["$(id)", "`id`", "; rm -rf /", "--help", "../../etc", "a\nb", "\0", "é", "HEAD", "main", "-"]

  @Test(arguments: hostile)
  func `nothing hostile becomes a target`(text: String) {
    for change: (inout RunRequest.Arguments) -> Void in [
      { $0.ref = text }, { $0.recipe = text + "/" }, { $0.src = text }, { $0.version = text }, { $0.tiers = text },
      { $0.runID = "-" + text },
      { ($0.ref, $0.pr) = (Self.sha, text) },
    ] {
      let failure = #expect(throws: Failure.self) { try Plans.request(change) }
      #expect(failure?.code == .usage && failure?.next.isEmpty == false)
    }
    for name in ["RECIPE", "REF", "SRC", "VERSION", "STAGES", "CCCI_TRIGGER"] {
      let hostile = name == "CCCI_TRIGGER" ? text + " " : name == "RECIPE" ? text + "/" : text
      let failure = #expect(throws: Failure.self) {
        try RunRequest.make(RunRequest.Arguments(), environment: ["RECIPE": "notes"].merging([name: hostile]) { $1 })
      }
      #expect(failure?.code == .usage)
    }
  }

  @Test(arguments: ["1.5", "-1", "+1", "1e3", " 12", "12 ", "１２", "0x1f", "2147483648", "99999999999999999999", "12;id"])
  func `a pull request is a number`(text: String) {
    let failure = #expect(throws: Failure.self) { try Plans.request { ($0.ref, $0.pr) = (Self.sha, text) } }
    #expect(failure?.code == .usage && failure?.what.hasPrefix("pr ") == true)
  }

  @Test(arguments: [".", "..", "../x", "a/b", ".hidden", "-x", "a b", "", "é", String(repeating: "a", count: 65)])
  func `a run's id can name its folder and nothing else`(text: String) {
    #expect(throws: Failure.self) { try Plans.request { $0.runID = text } }.map { #expect($0.code == .usage) }
  }

  @Test func `quick is asked for by argument or by variable`() throws {
    #expect(try Plans.request().mode == .cold && Plans.request { $0.quick = true }.mode == .quick)
    let asked = try Plans.request({ _ in }, ["CCCI_QUICK": "1", "CCCI_OR_COLD": "1"])
    #expect(asked.mode == .quick && asked.orCold)
    let plan = try Plans.plan(asked)
    #expect(plan.domain.text == "warm-notes.ci.example.org")
    #expect(plan.tiers.map { $0.skipped?.because } == [nil, nil, "not in a quick run", "not in a quick run", "no custom tests"])
  }

  @Test func `what contradicts itself is refused with the way out`() {
    let cases: [(String, ExitCode, (inout RunRequest.Arguments) -> Void)] = [
      ("no recipe named", .usage, { $0.recipe = nil }),
      ("both a ref and a version", .usage, { ($0.ref, $0.version) = (Self.sha, "1.0.0+1") }),
      ("a pull request without a ref", .usage, { $0.pr = "7" }), ("--or-cold without --quick", .usage, { $0.orCold = true }),
      ("--keep with --quick", .usage, { ($0.quick, $0.keep) = (true, true) }),
      ("a pull request without a ref", .usage, { ($0.pr, $0.version) = ("7", "1.0.0+1") }),
    ]
    for (words, code, change) in cases {
      let failure = #expect(throws: Failure.self) { try Plans.request(change) }
      #expect(failure?.code == code && failure?.what.contains(words) == true && failure?.next.isEmpty == false, "\(words)")
    }
  }
}

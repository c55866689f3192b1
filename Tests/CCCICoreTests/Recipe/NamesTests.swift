import CCCICore
import Testing

@Suite struct NamesTests {
  @Test(arguments: ["custom-html", "n8n", "a", "bluesky-pds", "x_y", "1", String(repeating: "a", count: 64)])
  func `a recipe is named as its repository`(text: String) throws {
    #expect(try RecipeName(text).description == text)
  }

  @Test(arguments: [
    "", "Custom", "-html", "_html", "a/b", "..", ".", "a.b", "a b", "a\nb", "--help", "$(id)", "a;b", "é", "poll", "alerts", "a\0",
    String(repeating: "a", count: 65), "../../etc",
  ])
  func `what could leave its folder, its URL or its domain is no recipe name`(text: String) {
    let failure = #expect(throws: Failure.self) { try RecipeName(text) }
    #expect(failure?.code == .usage && failure?.why.contains("64 are allowed") == (text.count > 64))
  }

  @Test(arguments: [
    (String(repeating: "0123456789", count: 4), "01234567"), (String(repeating: "ABCDEF0123", count: 4), "abcdef01"),
    (String(repeating: "c", count: 64), "cccccccc"),
  ])
  func `a full commit id is taken in either case, and told apart by its length`(text: String, short: String) throws {
    let id = try CommitID.pinned(text)
    #expect(id.text == text.lowercased() && id.short == short && CommitID(id.text) == id)
  }

  @Test(arguments: [
    "", "main", "HEAD", "0123456", String(repeating: "a", count: 39), String(repeating: "a", count: 41), String(repeating: "g", count: 40),
    "refs/heads/main", "-n" + String(repeating: "a", count: 38), String(repeating: "a", count: 39) + "\n",
    String(repeating: "１", count: 40), String(repeating: "a", count: 40) + "^{commit}",
  ])
  func `what can move or be ambiguous is no commit`(text: String) {
    #expect(CommitID(text) == nil)
    let failure = #expect(throws: Failure.self) { try CommitID.pinned(text) }
    #expect(failure?.code == .usage && failure?.sentence.contains("full commit id") == true && failure?.next.isEmpty == false)
  }

  @Test func `the app of a run has a domain of its own, the same for the same pull request and commit`() throws {
    let recipe = try RecipeName("custom-html")
    let domain = AppDomain.run(of: recipe, pr: 7, what: "abc", zone: "ci.example.org")
    let digits = SHA256.hex("custom-html|7|abc").prefix(6)
    #expect(domain.text == "cust-\(digits).ci.example.org" && domain.stack == "cust-\(digits)_ci_example_org")
    #expect(AppDomain.run(of: recipe, pr: 7, what: "abc", zone: "ci.example.org") == domain)
    for (pr, what) in [(8, "abc"), (nil, "abc"), (7, "abd"), (nil, "latest")] {
      #expect(AppDomain.run(of: recipe, pr: pr, what: what, zone: "ci.example.org") != domain)
    }
    #expect(AppDomain.run(of: try RecipeName("ab"), pr: nil, what: "x", zone: "z.org").text.hasPrefix("ab-"))
  }

  @Test(arguments: [
    ("install", [Tier.install]), ("install,upgrade", [.install, .upgrade]), ("custom,install", [.install, .custom]),
    ("restore,backup,install", [.install, .backup, .restore]), ("custom,restore,backup,upgrade,install", Tier.allCases),
  ])
  func `a list of tiers may stand in any order`(text: String, tiers: [Tier]) throws {
    #expect(try Tier.list(text) == tiers)
  }

  @Test(arguments: [
    ("", "is no tier"), ("instal", "did you mean install?"), ("install,", "\"\" is no tier"), ("install, upgrade", "did you mean upgrade?"),
    ("install,install", "named twice"), ("upgrade", "--tiers install,upgrade"), ("install,restore", "add backup"),
    ("Install", "is no tier"),
    ("install;upgrade", "is no tier"), ("all", "install, upgrade, backup, restore, custom"),
  ])
  func `a list that names no run is refused, and says what would`(text: String, words: String) {
    let failure = #expect(throws: Failure.self) { try Tier.list(text) }
    #expect(
      failure?.code == .usage && "\(failure?.sentence ?? "") \(failure?.next ?? "")".contains(words), "\(String(describing: failure))")
  }
}

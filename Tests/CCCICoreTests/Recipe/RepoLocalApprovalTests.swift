import CCCICore
import Testing

@Suite("Approval of a recipe's own tests")
struct RepoLocalApprovalTests {
  @Test("a name a line, comments and empty lines beside it, and no patterns")
  func reads() throws {
    let approval = try RepoLocalApproval("# ours\n\nnotes\n  custom-html   # since May\n", path: "t")
    #expect(approval.recipes == ["notes", "custom-html"])
    let names = [try RecipeName("notes"), try RecipeName("note")]
    #expect(names.map { approval.allows($0) } == [true, false])
    #expect(try RepoLocalApproval("", path: "t").recipes.isEmpty)
  }

  @Test("what is no name is an error with its line", arguments: ["*", "notes*", "../x", "Notes Two", "#ok\nnotes\n*"])
  func refuses(_ text: String) {
    let failure = #expect(throws: Failure.self) { try RepoLocalApproval(text, path: "approved.txt") }
    #expect(failure?.code == .badData && failure?.what.hasPrefix("approved.txt: line \(text.split(separator: "\n").count): ") == true)
  }
}

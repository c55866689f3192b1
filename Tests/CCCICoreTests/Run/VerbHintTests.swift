import Testing

@testable import CCCICore

@Suite struct VerbHintTests {
  @Test(arguments: [("lst", "list"), ("plann", "plan"), ("shwo", "show"), ("custom-html", nil), ("gaurd", nil), (nil, nil)])
  func `a recipe that is not there may be a verb that was mistyped`(recipe: String?, verb: String?) {
    let failure = Failure(.noInput, "no such recipe", next: "check the name")
    let hinted = VerbHint.added(to: failure, of: recipe)
    #expect(hinted.hint == (verb.map { "did you mean ccci-run \($0)? else: check the name" } ?? "check the name"))
    #expect(VerbHint.added(to: Failure(.unavailable, "away", next: "x"), of: recipe).hint == "x")
  }
}

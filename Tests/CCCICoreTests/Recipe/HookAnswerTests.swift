import Testing

@testable import CCCICore

@Suite struct HookAnswerTests {
  @Test func `lines of NAME=value, in their order; comments and blank ones are nothing`() throws {
    #expect(
      try HookAnswer.environment("# for the app\n\nA=1\nB=a = b\nC=\n") == [
        HookAnswer.Pair(name: "A", value: "1"), HookAnswer.Pair(name: "B", value: "a = b"), HookAnswer.Pair(name: "C", value: ""),
      ])
    #expect(try HookAnswer.secrets("db_password=p=1\n") == [HookAnswer.Pair(name: "db_password", value: "p=1")])
    #expect(try HookAnswer.environment("").isEmpty && HookAnswer.secrets("\n").isEmpty)
  }

  @Test(arguments: [
    ("A", "line 1: no NAME=value"), ("A=1\nB C=2", "line 2: B C is no name of a variable"), ("=1", "is no name of a variable"),
    ("CCCI_OWNER=x", "CCCI_OWNER is set by cc-ci"), ("CCCI_ANY=x", "CCCI_ANY is set by cc-ci"),
    ("STACK_NAME=x", "STACK_NAME is set by cc-ci"),
    ("LETS_ENCRYPT_ENV=production", "LETS_ENCRYPT_ENV is set by cc-ci"), ("TIMEOUT=1", "TIMEOUT is set by cc-ci"), ("A=\0", "no NUL"),
    ("export A=1", "export A is no name of a variable"),
  ])
  func `what would overrule us, or could not be read back, is refused with its line`(text: String, words: String) throws {
    let failure = try #require(throws: Failure.self) { try HookAnswer.environment(text) }
    #expect(failure.code == .badData && failure.what.contains("env.out") && failure.what.contains(words), "\(failure.what)")
  }

  @Test(arguments: [
    ("x", "no NAME=value"), ("A=1", "A is no name of a secret"), ("a/b=1", "is no name of a secret"), ("a=", "an empty secret"),
  ])
  func `a secret has a plain name and a value`(text: String, words: String) throws {
    let failure = try #require(throws: Failure.self) { try HookAnswer.secrets(text) }
    #expect(failure.what.contains("secrets.out") && failure.what.contains(words), "\(failure.what)")
  }
}

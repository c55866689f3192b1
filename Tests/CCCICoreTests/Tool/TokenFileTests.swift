import CCCICore
import Testing

@Suite struct TokenFileTests {
  @Test func `a token is what stands in its file, without white space`() throws {
    let folder = try TemporaryFolder()
    try Files.write(Array(" abc\n".utf8), to: folder("token"))
    #expect(try TokenFile.read(folder("token"), key: "[forge] token_file") == "abc")
  }

  @Test(arguments: [nil, "", " \n"])
  func `a token that is missing is a setting that is wrong, which is named`(text: String?) throws {
    let folder = try TemporaryFolder()
    if let text { try Files.write(Array(text.utf8), to: folder("token")) }
    let failure = #expect(throws: Failure.self) { try TokenFile.read(folder("token"), key: "[forge] token_file") }
    #expect(failure?.code == .config && failure?.what.hasPrefix(folder("token")) == true)
    #expect(failure?.next.contains("[forge] token_file") == true)
  }
}

import CCCICore
import Testing

@Suite struct ConsoleTests {
  @Test(arguments: [
    ("plain", "plain"), ("a\nb\r\nc\td", "a b c d"), ("\u{1B}[31mred\u{1B}[0m", "red"), ("a\u{7}\u{8}b", "a  b"), ("a\u{9B}2Jb", "a 2Jb"),
    ("a\u{7F}b", "a b"),
    ("a\u{85}b\u{2028}c", "a b c"), ("é 😀 ✅", "é 😀 ✅"), (String(repeating: "x", count: 601), String(repeating: "x", count: 600) + "…"),
    (String(repeating: "x", count: 600), String(repeating: "x", count: 600)), ("", ""),
  ])
  func `a line is one line, whatever an outside program said`(text: String, line: String) {
    #expect(Console.line(text) == line)
  }

  @Test(arguments: [
    ("a\n\tb\n", "a\n\tb\n"), ("\u{1B}[2J\u{1B}]0;title\u{7}x", "x"), ("50%\r100%\n", "50%100%\n"), ("\0\u{1}\u{9F}", "   "),
  ])
  func `plain text keeps its lines and moves no cursor`(text: String, plain: String) {
    #expect(Console.plain(text) == plain)
  }

  @Test func `progress and failures are kept in the log, masked and plain`() throws {
    let folder = try TemporaryFolder()
    let mask = Mask()
    mask.add("s3cretpassword")
    let console = Console(program: "ccci-run", mask: mask)
    console.keepLog(at: folder("run.log"))
    console.progress("with s3cret\u{1B}[0mpassword")
    console.failure(Failure(.ioError, "x: s3cretpassword", why: "two\nlines", next: ""))
    console.failure(Failure(.usage, String(repeating: "y", count: 595) + "s3cretpassword"))
    let lines = String(decoding: try Files.read(folder("run.log")), as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.count == 5 && lines[0].hasSuffix("s  with •••") && lines[1] == "ccci-run: x: •••: two lines")
    #expect(lines[2].hasPrefix("ccci-run: hint: ") && lines[3].hasSuffix("yyy•••") && !lines.joined().contains("s3c"))
  }

  @Test func `a log that cannot be written ends nothing`() throws {
    let folder = try TemporaryFolder()
    let console = Console(program: "ccci-run")
    console.keepLog(at: folder("no/such/folder/run.log"))
    console.progress("first")
    console.progress("second")
    #expect(try Files.list(folder.path) == [])
  }
}

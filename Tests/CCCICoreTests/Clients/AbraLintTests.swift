import CCCICore
import Testing

@Suite struct AbraLintTests {
  static let table = """
    ┏━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━━┓
    ┃ REF  ┃ RULE                      ┃ SEVERITY ┃ SATISFIED ┃ SKIPPED ┃ RESOLVE        ┃
    ┣━━━━━━╋━━━━━━━━━━━━━━━━━━━━━━━━━━━╋━━━━━━━━━━╋━━━━━━━━━━━╋━━━━━━━━━╋━━━━━━━━━━━━━━━━┫
    ┃ R001 ┃ compose config has expec… ┃ warn     ┃ ✅        ┃ -       ┃ ensure version ┃
    ┃ R008 ┃ .env.sample provided      ┃ error    ┃ ✅        ┃ -       ┃ create it      ┃
    ┃ R009 ┃ one service named app     ┃ error    ┃ ❌        ┃ -       ┃ name it app    ┃
    ┃ R011 ┃ all services have images  ┃ Error    ┃ ❌        ┃ ✅      ┃ ensure image   ┃
    ┃ R014 ┃ only annotated tags used  ┃ error    ┃ ❌        ┃         ┃ replace them   ┃
    ┃ R015 ┃ long secret names         ┃ warn     ┃ ❌        ┃ -       ┃ shorten them   ┃
    ┗━━━━━━┻━━━━━━━━━━━━━━━━━━━━━━━━━━━┻━━━━━━━━━━┻━━━━━━━━━━━┻━━━━━━━━━┻━━━━━━━━━━━━━━━━┛
    """

  @Test func `the table is read row by row, and only errors that stand fail`() {
    let rows = AbraLint.read(Self.table)
    #expect(rows.map(\.ref) == ["R001", "R008", "R009", "R011", "R014", "R015"])
    #expect(rows.filter(\.isFailed).map(\.ref) == ["R009", "R014"] && rows[2].rule == "one service named app")
    #expect(rows.map(\.isSatisfied) == [true, true, false, false, false, false] && rows[3].isSkipped && rows[3].severity == "error")
  }

  @Test func `other bars, colours and line ends change nothing`() {
    for (from, to) in [("┃", "│"), ("┃", "|"), ("┃", "║"), ("\n", "\r\n"), ("❌", "\u{1B}[31m❌\u{1B}[0m")] {
      #expect(AbraLint.read(Self.table.replacing(from, with: to)) == AbraLint.read(Self.table))
    }
  }

  @Test(arguments: [
    "", "FATA unable to validate recipe", "R001", "| R001 | rule |", "| X001 | rule | error | ❌ | - |", "| R01 | rule | error | ❌ | - |",
  ])
  func `what is no row is none`(text: String) {
    #expect(AbraLint.read(text).isEmpty)
  }

  @Test(arguments: [
    ("a\r\nb\r\n", "a\nb\n"), ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("\u{1B}]0;title\u{7}x", "x"), ("a\u{1B}[Kb", "ab"), ("a\u{1B}[", "a"),
    ("✅ é", "✅ é"),
    ("\u{1B}", ""), ("\u{1B}[?25l", ""),
  ])
  func `a terminal's text is plain lines`(text: String, plain: String) {
    #expect(TerminalText.plain(text) == plain)
  }

  @Test func `the tail is the last lines that say something`() {
    #expect(
      TerminalText.tail("a\n\n  \nb\n\u{1B}[0m\nc\n", 2) == ["b", "c"] && TerminalText.tail("") == [] && TerminalText.tail("x", 0) == [])
  }
}

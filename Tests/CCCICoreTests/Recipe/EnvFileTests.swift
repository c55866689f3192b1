import CCCICore
import Testing

@Suite struct EnvFileTests {
  @Test(arguments: [
    ("A=1", "1"), ("  A=1  ", "1"), ("A=", ""), ("A= # nothing", ""), ("A=#", ""), ("A=a#b", "a#b"), ("A=a #b", "a"),
    ("A=\"a # b\" # c", "a # b"),
    ("A='a # b'", "a # b"), ("A=v1 # length=64 charset=hex", "v1"), ("A=\"x\\\"y\\\\z\\$B\"", "x\"y\\z$B"), ("A='$B'", "$B"),
    ("A=\"line\\nline\"", "line\nline"), ("A=\"open", "open"), ("A='open", "open"), ("A=a=b=c", "a=b=c"), ("A=1\r", "1"),
    ("A=\"1\"\r", "1"),
    ("#A=1", nil), ("# A=1", nil), ("A", nil), ("1A=1", nil), ("A B=1", nil), ("A-B=1", nil), ("=1", nil), ("export A=1", "1"),
    ("export\tA=1", "1"), ("A: 1", "1"), ("A =1", "1"), ("exportA=1", nil), ("A=100%", "100%"), ("A=`date`", "`date`"), ("A=$", "$"),
    ("A=$(id)", "$(id)"), ("A=${}", "${}"), ("A=é", "é"),
  ])
  func `a line has the value that abra reads`(line: String, value: String?) {
    #expect(EnvFile(line)["A"] == value)
    #expect(EnvFile("B=x\n\(line)\nC=2\n")["C"] == "2", "and the lines around it have theirs")
  }

  @Test func `compose files are collected over several lines`() {
    let file = EnvFile(
      """
      COMPOSE_FILE="compose.yml"
      COMPOSE_FILE="$COMPOSE_FILE:compose.postgres.yml"
      #COMPOSE_FILE="$COMPOSE_FILE:compose.smtp.yml"
      COMPOSE_FILE="${COMPOSE_FILE}:compose.matrix.yml" # both
      DOMAIN=app.example.org
      URL=https://$DOMAIN/x
      LATER=$UNKNOWN.$DOMAIN
      """)
    #expect(file["COMPOSE_FILE"] == "compose.yml:compose.postgres.yml:compose.matrix.yml")
    #expect(file["URL"] == "https://app.example.org/x" && file["LATER"] == ".app.example.org")
  }

  @Test(arguments: [
    ("", "A=2\n"), ("# end", "# end\nA=2\n"), ("# end\n", "# end\nA=2\n"), ("A=1", "A=2\n"), ("A=1\nB=1\n", "A=2\nB=1\n"),
    ("A=1\n#A=0\nA=3\nB=1\n", "#A=0\nA=2\nB=1\n"), ("AA=1\nA_A=1\n", "AA=1\nA_A=1\nA=2\n"), ("A=v1 # length=64", "A=2 # length=64\n"),
    ("A=\"v # 1\"  # generate=false\n", "A=2 # generate=false\n"), ("A='x' y\n", "A=2\n"), ("export A=1\n", "A=2\n"),
    ("A=1\nexport A=3\n", "A=2\n"), ("A=1\nA: 3\n", "A=2\n"), ("A=1\r\nB=2\r\n", "A=2\nB=2\r\n"), ("\n\nB=1", "\n\nB=1\nA=2\n"),
    ("B=$A\n", "B=$A\nA=2\n"),
  ])
  func `a key is set in place, once, and nothing else changes`(text: String, expected: String) {
    var file = EnvFile(text)
    file.set("A", "2")
    #expect(file.text == expected)
    file.set("A", "2")
    #expect(file.text == expected && EnvFile(file.text) == file, "a second time changes nothing")
  }

  @Test(arguments: [
    ("", "A="), ("plain-1.2_3:/,@+%=", "A=plain-1.2_3:/,@+%="), ("a b", "A=\"a b\""), ("it's", "A=\"it's\""),
    ("say \"x\"", "A='say \"x\"'"),
    ("$HOME", "A='$HOME'"), ("\\", "A='\\'"), ("'$\"\\", "A=\"'\\$\\\"\\\\\""), ("a\nb\r\nc", "A=\"a b c\""), ("# no", "A=\"# no\""),
  ])
  func `a value is quoted only as far as it must be`(value: String, line: String) {
    var file = EnvFile("")
    file.set("A", value)
    #expect(file.text == line + "\n")
  }

  @Test func `what is set is read back, for 5 000 generated values in generated files`() throws {
    var dice = Lots(2)
    let pieces = [
      "a", "Z", "0", " ", "\t", "'", "\"", "\\", "$", "{", "}", "#", "=", ":", "é", "\u{301}", "😀", "n", "$A", "${B}", "`", "export ",
    ]
    let lines = ["A=1", "B=\"$A\"", "# A=2", "", "export A=7", "K = 'x' # length=3", "no line", "K=\"open", "C=$K"]
    for _ in 0..<5_000 {
      let (key, value) = (dice.pick(["A", "K", "NEW"]), dice.text(of: pieces, 0...6))
      let before = EnvFile(dice.text(of: lines.map { "\($0)\n" }, 0...5))
      var file = before
      file.set(key, value)
      let read = EnvFile(file.text)
      try #require(read[key].map { Array($0.utf8) } == Array(value.utf8), "\(key)=\(value) in\n\(file.text)")
      let others = before.values.keys.filter { $0 != key }
      try #require(others.allSatisfy { read[$0] != nil } && read.values.count == others.count + 1)
      file.set(key, value)
      try #require(file.text == read.text, "setting it again changes nothing")
    }
  }

  @Test(arguments: [
    ("export A=v1", ["A": "v1"]), ("export A=v1\nexport B=v2\n", ["A": "v1", "B": "v2"]), ("export A=\"v 1\" # x", ["A": "v 1"]),
    ("export\tA=v1\r\nexport B='v2'\r\n", ["A": "v1", "B": "v2"]), ("  export A=v1", ["A": "v1"]), ("A=v1", [:]), ("# export A=v1", [:]),
    ("exported A=v1", [:]), ("backup() {\n  export X=1\n  rm -rf /\n}\nexport A=v1", ["A": "v1", "X": "1"]), ("", [:]),
    ("export A=$(touch /tmp/x)", ["A": "$(touch /tmp/x)"]),
  ])
  func `exports are read from abra.sh as text`(script: String, values: [String: String]) {
    #expect(AbraExports.values(script) == values)
  }
}

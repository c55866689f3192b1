import CCCICore
import Testing

@Suite struct YAMLNodeTests {
  func parse(_ text: String) throws(Failure) -> YAMLNode { try YAMLNode.parse(Array(text.utf8), path: "compose.yml") }

  func problem(_ text: String) -> String? {
    do throws(Failure) {
      _ = try parse(text)
      return nil
    } catch {
      #expect(error.code == .badData)
      return error.what
    }
  }

  let compose = """
    version: "3.8"
    x-base: &base
      image: alpine:3
      environment: &env
        A: 1
        B: two
    services:
      app:
        <<: *base
        image: nginx:1.27
        command: ["nginx", '-g', ~]
      worker:
        environment:
          <<: [{B: own}, *env]
          C: |
            block
    empty:
    """

  @Test func `a compose file is read with order, lines and merged keys`() throws {
    let root = try parse(compose)
    #expect(root.entries.map(\.key) == ["version", "x-base", "services", "empty"])
    #expect(root["services"]?.line == 8)
    #expect(root[path: "services", "app", "image"] == YAMLNode(.scalar("nginx:1.27", plain: true), line: 10))
    #expect(root[path: "services", "app"]?.entries.map(\.key) == ["environment", "image", "command"])
    #expect(root[path: "services", "app", "environment", "B"]?.string == "two")
    #expect(root[path: "services", "app", "environment", "B"]?.line == 6)
    let merged = try #require(root[path: "services", "worker", "environment"])
    #expect(merged.entries.map(\.key) == ["B", "A", "C"])
    #expect(merged["B"]?.string == "own" && merged["C"]?.string == "block\n")
    #expect(root["empty"]?.isNull == true && root["empty"]?.string == nil)
    #expect(root["none"] == nil && root[path: "version", "deeper"] == nil)
  }

  @Test func `only plain text is null, a number or a merge key`() throws {
    let root = try parse(#"[~, "~", null, 'null', "", !!str null, 3, "3"]"#)
    #expect(root.items.map(\.isNull) == [true, false, true, false, false, false, false, false])
    #expect(root.items.map(\.string) == [nil, "~", nil, "null", "", "null", "3", "3"])
    #expect(root.items.last?.content == .scalar("3", plain: false))
    #expect(try parse("'<<': {a: 1}")["<<"]?["a"]?.string == "1")
  }

  @Test func `nothing at all is null`() throws {
    for text in ["", "# only a comment\n", "---\n", "--- ~\n...\n"] { #expect(try parse(text).isNull) }
  }

  @Test(arguments: [
    ("a: 1\nb: [1, 2", "line 3: did not find expected ',' or ']' while parsing a flow sequence"),
    ("a: 1\n\tb: 2", "line 2: found a tab character that violates indentation while scanning a plain scalar"),
    ("a: 1\nb: 2\na: 3", "line 3: the key a is there twice"),
    ("a: *none", "line 1: the alias *none has no anchor before it"),
    ("a: &a [1, *a]", "line 1: the alias *a has no anchor before it"),
    ("a: 1\n---\nb: 2", "line 2: a second document begins here"),
    ("{[1]: 2}", "line 1: a key must be a text"),
    ("a:\n  <<: text", "line 2: << needs a mapping or a list of mappings"),
    ("a:\n  <<: [{b: 1}, [1]]", "line 2: << needs a mapping or a list of mappings"),
    ("a: {<<: {b: 1}, <<: {c: 1}}", "line 1: the key << is there twice"),
    ("!!binary dm9sdW1lcw==: x", "line 1: the tag tag:yaml.org,2002:binary is not supported"),
    ("a: !reset 1", "line 1: the tag !reset is not supported"),
    ("a: 1\nb: \u{1}", "line 2: control characters are not allowed"),
  ])
  func `a broken file is told by its line`(text: String, expected: String) {
    #expect(problem(text) == "compose.yml: \(expected)")
  }

  @Test func `bytes that are no UTF-8 are told by their line`() {
    let failure = #expect(throws: Failure.self) { try YAMLNode.parse(Array("a: 1\nb: ".utf8) + [0xff, 0xfe, 10], path: "x.yml") }
    #expect(failure?.what == "x.yml: line 2: invalid leading UTF-8 octet")
  }

  @Test func `an alias bomb is refused at once`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 { text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n" }
    let start = ContinuousClock.now
    #expect(problem(text) == "compose.yml: line 6: alias expansion too large")
    #expect(.now - start < .milliseconds(500))
  }

  @Test func `a merge bomb is refused, too`() {
    var text = "a0: &a0 {k0: 1, k1: 1, k2: 1, k3: 1}\n"
    for level in 1...20 { text += "a\(level): &a\(level) {l\(level): {<<: *a\(level - 1)}, m\(level): {<<: *a\(level - 1)}}\n" }
    #expect(problem(text)?.hasSuffix("alias expansion too large") == true)
  }

  @Test func `depth is limited, directly and through aliases`() throws {
    #expect(problem(String(repeating: "[", count: 99) + String(repeating: "]", count: 99)) == nil)
    #expect(problem(String(repeating: "[", count: 5000))?.hasSuffix("nested more than 100 levels deep") == true)
    var chain = "a0: &a0 [1]\n"
    for level in 1...120 { chain += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(problem(chain)?.hasSuffix("nested more than 100 levels deep") == true)
  }

  @Test func `every file cut at any byte is read or refused, never more`() throws {
    let bytes = Array(compose.utf8)
    for count in bytes.indices {
      do throws(Failure) {
        _ = try YAMLNode.parse(Array(bytes[..<count]), path: "cut.yml")
      } catch {
        #expect(error.what.hasPrefix("cut.yml: line "))
      }
    }
  }
}

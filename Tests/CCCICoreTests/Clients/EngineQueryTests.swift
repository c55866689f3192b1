import Testing

@testable import CCCICore

@Suite("The query of an engine call")
struct EngineQueryTests {
  @Test(
    "percent encoding keeps only unreserved characters",
    arguments: [
      ("abc-._~XYZ019", "abc-._~XYZ019"), ("a b&c=d", "a%20b%26c%3Dd"), (#"{"a":["b"]}"#, "%7B%22a%22%3A%5B%22b%22%5D%7D"),
      ("/+%", "%2F%2B%25"), ("ä€", "%C3%A4%E2%82%AC"), ("", ""), ("²½", "%C2%B2%C2%BD"),
    ])
  func encodes(text: String, expected: String) {
    #expect(EngineQuery.encoded(text) == expected)
  }

  @Test("characters that a path needs are kept on demand")
  func keeps() {
    #expect(EngineQuery.encoded("ccci/busybox:1.36@sha256:ab ", keeping: "/:@") == "ccci/busybox:1.36@sha256:ab%20")
  }

  @Test("filters are one JSON object with sorted keys")
  func filters() {
    let query = EngineQuery().filtered(["type": ["a", "b"], "event": ["c"]])
    #expect(query.text == "?filters=" + EngineQuery.encoded(#"{"event":["c"],"type":["a","b"]}"#))
  }

  @Test("quotes, backslashes and control characters cannot break out of a filter")
  func escapes() {
    let query = EngineQuery().filtered(["name": ["a\"],\"x\\\n"]])
    #expect(query.text == "?filters=" + EngineQuery.encoded(#"{"name":["a\"],\"x\\\u000a"]}"#))
  }

  @Test("a stack is a label, and no parameters are no text")
  func stack() {
    let expected = "?filters=" + EngineQuery.encoded(#"{"label":["com.docker.stack.namespace=a_b"]}"#) + "&status=true"
    #expect(EngineQuery.stack("a_b").adding("status", "true").text == expected)
    #expect(EngineQuery().text.isEmpty)
  }
}

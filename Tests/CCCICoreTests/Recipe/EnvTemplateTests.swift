import CCCICore
import Testing

@Suite struct EnvTemplateTests {
  @Test(arguments: [
    ("plain", nil), ("{domain}", nil), ("https://{domain}/{recipe}?z={zone}", nil), ("{domian}", "domian"), ("a{b}c", "b"),
    ("{\"a\": 1}", nil), ("{\"url\": \"{domian}\"}", "domian"), ("{\"url\": \"{domain}\"}", nil), ("{", nil), ("}", nil), ("}{", nil),
    ("{}", nil),
    ("{Domain}", nil), ("{{domain}}", nil), ("{{nope}}", "nope"), ("{a b}", nil), ("{domain", nil), ("{zone} {x", nil),
  ])
  func `an unknown placeholder is found, other braces are text`(text: String, unknown: String?) {
    #expect(EnvTemplate.unknown(in: text) == unknown)
  }

  @Test func `placeholders are filled in wherever they stand`() throws {
    let filled = EnvTemplate.filled(
      "minio-{domain}/{zone}/{recipe}/{domain}{x}", domain: AppDomain("a.z.org"), zone: "z.org", recipe: try RecipeName("notes"))
    #expect(filled == "minio-a.z.org/z.org/notes/a.z.org{x}")
  }
}

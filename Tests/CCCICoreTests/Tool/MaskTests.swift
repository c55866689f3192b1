import CCCICore
import FoundationEssentials
import Testing

@Suite struct MaskTests {
  private static func mask(_ secrets: String...) -> Mask {
    let mask = Mask()
    for secret in secrets { mask.add(secret) }
    return mask
  }

  @Test(arguments: [
    ("s3cretpassword", "the s3cretpassword is", "the ••• is"), ("s3cretpassword", "s3cretpassword", "•••"), ("s3cretpassword", "", ""),
    ("s3cretpassword", "s3cretpasswors3cretpassword", "s3cretpasswor•••"), ("aaaaaaaa", "aaaaaaaaaaaaaaaaaaaa", "••••••aaaa"),
    ("s3cretpassword", "S3CRETPASSWORD s3cretpass", "S3CRETPASSWORD s3cretpass"), ("äöü-secret", "x äöü-secret y", "x ••• y"),
    ("s3cretpassword", "s3cretpassword\u{301}s3cretpassword", "•••\u{301}•••"), ("  8 chars", "is   8 chars.", "is •••."),
    ("line one is long\nline two is long\n", "a\n| line one is long\n| line two is long\nb", "a\n| •••\n| •••\nb"),
    ("line one is long\r\nline two is long", "line one is long\nline two is long", "•••"),
    ("a\"b\\c/d&e<f", "{\"x\":\"a\\\"b\\\\c/d&e<f\"}", "{\"x\":\"•••\"}"),
    ("a\"b\\c/d&e<f", "<x m=\"a&quot;b\\c/d&amp;e&lt;f\"/>", "<x m=\"•••\"/>"),
  ])
  func `a secret is masked wherever it stands, and nothing else is`(secret: String, text: String, masked: String) {
    let mask = Self.mask(secret)
    #expect(mask.masked(text) == masked)
    #expect(mask.reveals(text) == (text != masked) && !mask.reveals(masked))
  }

  @Test func `a secret is masked inside of longer base64 at every alignment, in both alphabets`() {
    var lots = Lots(6)
    for _ in 0..<300 {
      let secret = lots.text(of: ["a", "Z", "9", "/", "ÿ", "~", "ö", "!", "?"], 8...30)
      let mask = Self.mask(secret)
      let (before, after) = (lots.text(of: ["x", "yz", "?"], 0...5), lots.text(of: ["q", "rs", "~"], 0...5))
      let encoded = Data((before + secret + after).utf8).base64EncodedString()
      for text in [encoded, encoded.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")] {
        let masked = mask.masked("token: \(text)")
        #expect(mask.reveals(text) && masked.contains("•••"), "\(secret) in \(before + secret + after)")
        // At most the characters that depend on the neighbours are left on each side.
        let left = masked.count - "token: •••".count - (before + after).utf8.count * 4 / 3
        #expect(left <= 7, "\(masked)")
      }
    }
  }

  @Test(arguments: [
    ("", true), ("\n", true), ("1234567", false), ("12345678", true), ("äöü", false), ("äöüä", true), ("ab\ncd", false),
    ("abcd\nefg", true),
  ])
  func `a value that is too short is left out, and its owner told`(secret: String, isMasked: Bool) {
    let mask = Mask()
    #expect(mask.add(secret) == isMasked)
    #expect(mask.reveals("x \(secret) y") == (isMasked && secret.contains { !$0.isNewline }))
  }

  @Test func `secrets may come at any time, and the longest is masked first`() {
    let mask = Self.mask("password")
    #expect(mask.masked("password-of-admin") == "•••-of-admin")
    mask.add("password-of-admin")
    mask.add("password-of-admin")
    #expect(mask.masked("password-of-admin, password") == "•••, •••")
    #expect(Mask().masked("password") == "password" && !Mask().reveals("password"))
  }

  @Test func `masking is quick enough for the logs of a whole run`() {
    let mask = Mask()
    for number in 0..<30 { mask.add("secret-number-\(number)-\(RandomID.hex(24))") }
    let log = String(repeating: "app | 2025-03-01 12:00:00 GET /some/path?x=secret-number 200 0.012\n", count: 15_000)
    let start = ContinuousClock.now
    #expect(mask.masked(log) == log && !mask.reveals(log))
    #expect(ContinuousClock.now - start < .seconds(3), "1 MB and 30 secrets")
  }
}

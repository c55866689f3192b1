import CCrypto

/// SHA-256 by libcrypto, piece by piece or at once.
public struct SHA256: Sendable {
  private var context = SHA256_CTX()

  public init() { ccrypto_sha256_begin(&context) }

  public mutating func add(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { ccrypto_sha256_add(&context, $0.baseAddress, $0.count) }
  }

  public mutating func add(_ bytes: UnsafeRawBufferPointer) { ccrypto_sha256_add(&context, bytes.baseAddress, bytes.count) }

  /// The digest of everything added so far, 32 bytes; adding may go on.
  public var digest: [UInt8] {
    var last = context
    var bytes = [UInt8](repeating: 0, count: 32)
    ccrypto_sha256_end(&last, &bytes)
    return bytes
  }

  /// `digest` as 64 lower-case hexadecimal digits.
  public var hex: String { Self.hexadecimal(digest) }

  /// 64 lower-case hexadecimal digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.add(bytes)
    return hash.hex
  }

  /// 64 lower-case hexadecimal digits of the text's UTF-8.
  public static func hex(_ text: String) -> String { hex(Array(text.utf8)) }

  /// HMAC-SHA-256 (RFC 2104), 32 bytes.
  public static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var short = key
    if key.count > 64 {
      var hash = SHA256()
      hash.add(key)
      short = hash.digest
    }
    short += [UInt8](repeating: 0, count: 64 - short.count)
    var inner = SHA256()
    var outer = SHA256()
    inner.add(short.map { $0 ^ 0x36 })
    inner.add(message)
    outer.add(short.map { $0 ^ 0x5c })
    outer.add(inner.digest)
    return outer.digest
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

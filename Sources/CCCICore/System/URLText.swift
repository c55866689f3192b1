/// Texts as parts of a URL.
public enum URLText {
  /// Percent encoding of UTF-8: all but RFC 3986's unreserved characters.
  public static func encoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    let bytes = text.utf8.flatMap { isUnreserved($0) ? [$0] : [UInt8(ascii: "%"), hex[Int($0 >> 4)], hex[Int($0 & 15)]] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `name=value&name=value`.
  public static func query(_ items: [(name: String, value: String)]) -> String {
    items.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
  }

  /// Whether a URL goes to this machine itself, where nothing on the way can read it.
  public static func isLoopback(_ url: String) -> Bool {
    guard url.hasPrefix("http://127.0.0.1") else { return false }
    return [nil, ":", "/"].contains(url.dropFirst("http://127.0.0.1".count).first)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._~".utf8.contains(byte)
  }
}

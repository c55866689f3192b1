/// One webhook delivery, as bytes from a connection. Pure.
public struct HookRequest: Sendable, Equatable {
  public var method: String
  /// Names in lower case, in order of arrival.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  static let longestHead = 16 << 10
  static let longestBody = 1 << 20

  public enum Reading: Sendable, Equatable {
    /// More is to come.
    case incomplete
    /// Answer with this status.
    case bad(Int)
    case whole(HookRequest)
  }

  public static func == (one: HookRequest, other: HookRequest) -> Bool {
    one.method == other.method && one.body == other.body && one.headers.elementsEqual(other.headers) { $0 == $1 }
  }

  /// The value of a header that stands there once; nil otherwise: two of them are nobody's.
  public func only(_ name: String) -> String? {
    let values = headers.filter { $0.name == name }.map(\.value)
    return values.count == 1 ? values[0] : nil
  }

  public static func read(_ bytes: [UInt8]) -> Reading {
    guard let end = end(of: bytes) else { return bytes.count > longestHead ? .bad(431) : .incomplete }
    guard end <= longestHead else { return .bad(431) }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines.first?.split(separator: " ", omittingEmptySubsequences: false) ?? []
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return .bad(400) }
    var headers: [(name: String, value: String)] = []
    for line in lines.dropFirst() where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), colon != line.startIndex, line.first?.isWhitespace == false else { return .bad(400) }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      let last = value.lastIndex { $0 != " " && $0 != "\t" }
      headers.append((line[..<colon].lowercased(), last.map { String(value[...$0]) } ?? ""))
    }
    let head = HookRequest(method: String(words[0]), headers: headers, body: [])
    guard head.method == "POST" else { return .bad(405) }
    guard !headers.contains(where: { $0.name == "transfer-encoding" }), let text = head.only("content-length") else { return .bad(411) }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), !text.isEmpty else { return .bad(400) }
    guard text.utf8.count < 9, let length = Int(text), length <= longestBody else { return .bad(413) }
    let body = bytes[(end + 4)...]
    guard body.count >= length else { return .incomplete }
    return .whole(HookRequest(method: head.method, headers: headers, body: Array(body.prefix(length))))
  }

  /// Where the head ends: the place of its empty line.
  private static func end(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...(min(bytes.count, longestHead + 8) - 4)).first {
      bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10
    }
  }
}

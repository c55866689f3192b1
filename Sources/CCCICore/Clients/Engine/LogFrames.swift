/// The framing of log streams: eight bytes (stream 0…2, three zeros, length big-endian), then that many bytes, and so on.
enum LogFrames {
  /// The text of all frames in order, a cut last one included; a body without frames (a container with a tty) as it is.
  static func text(of body: [UInt8]) -> String {
    String(decoding: payload(of: body[...]) ?? body[...], as: UTF8.self)
  }

  private static func payload(of body: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = body
    var result: ArraySlice<UInt8> = []
    while !rest.isEmpty {
      let head = Array(rest.prefix(8))
      guard head.count == 8, head[0] <= 2, head[1...3].allSatisfy({ $0 == 0 }) else { return nil }
      let length = head[4...7].reduce(0) { $0 << 8 | Int($1) }
      result += rest.dropFirst(8).prefix(length)
      rest = rest.dropFirst(8 + length)
    }
    return result
  }
}

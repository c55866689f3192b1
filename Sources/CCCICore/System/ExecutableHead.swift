/// The beginning of an executable file, as the kernel looks at it before it starts one. Pure.
enum ExecutableHead {
  /// Bytes that the kernel looks at.
  static let length = 256

  /// Why such a file cannot be started; nil when it can.
  ///
  /// - Parameter isThere: whether an interpreter may be executed.
  static func fault(_ head: [UInt8], isThere: (String) -> Bool) -> String? {
    if head.starts(with: [0x7F] + "ELF".utf8) { return nil }
    guard head.starts(with: "#!".utf8) else { return "line 1: names no interpreter" }
    let line = head.dropFirst(2).prefix { $0 != 10 }
    guard line.last != 13 else { return "line 1: ends with a carriage return, as lines do on Windows" }
    let words = line.split { $0 == 32 || $0 == 9 }
    guard let interpreter = words.first.map({ String(decoding: $0, as: UTF8.self) }) else { return "line 1: names no interpreter" }
    guard interpreter.hasPrefix("/") else { return "line 1: \(interpreter) is no absolute path" }
    return isThere(interpreter) ? nil : "line 1: \(interpreter) is not there"
  }
}

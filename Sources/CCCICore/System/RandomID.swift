/// Names that nobody else has: temporary files, cookies, run ids.
public enum RandomID {
  /// So many lower-case hexadecimal digits, from the system's generator.
  public static func hex(_ digits: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("0123456789abcdef")
    return String((0..<digits).map { _ in alphabet[Int.random(in: 0..<16, using: &generator)] })
  }
}

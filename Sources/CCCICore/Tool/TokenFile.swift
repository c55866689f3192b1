/// A token that the settings name by its file.
public enum TokenFile {
  /// The token, without the white space around it. A file that is missing or empty is a setting that is wrong: `config`.
  ///
  /// - Parameter key: the setting that names the file, for the message: `[forge] token_file`.
  public static func read(_ path: String, key: String) throws(Failure) -> String {
    guard let bytes = try Files.readIfPresent(path) else {
      throw Failure(.config, "\(path): does not exist", why: "\(key) names it", next: "put the token there, or correct \(key)")
    }
    let token = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    guard !token.isEmpty else { throw Failure(.config, "\(path): is empty", next: "put the token there, or remove \(key)") }
    return token
  }
}

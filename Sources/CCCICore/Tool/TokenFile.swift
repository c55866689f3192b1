/// A token that the settings name by its file.
public enum TokenFile {
  /// The token, without the white space around it.
  ///
  /// - Parameter key: the setting that names the file, for the message: `[forge] token_file`.
  public static func read(_ path: String, key: String) throws(Failure) -> String {
    let token = String(decoding: try Files.read(path), as: UTF8.self).filter { !$0.isWhitespace }
    guard !token.isEmpty else { throw Failure(.config, "\(path): is empty", next: "put the token there, or remove \(key)") }
    return token
  }
}

extension Files {
  /// Bytes of the longest text that is still taken for one that somebody wrote.
  public static let longestText = 1 << 20

  /// A text that somebody wrote by hand; nil when nothing stands at the path.
  ///
  /// - Parameter name: the file as messages call it; else its path.
  /// - Throws: `badData` for what is not UTF-8, holds a NUL byte, is longer than `longestText`, or is a folder or a link that leads nowhere:
  ///   read as if it were not there, it would take settings away in silence.
  public static func textIfPresent(_ path: String, as name: String? = nil) throws(Failure) -> String? {
    guard let status = try status(path) else { return nil }
    let name = name ?? path
    let target = status.kind == .symlink ? try resolved(path, name) : path
    let bytes = try size(target, name) <= longestText ? try read(target) : nil
    guard let bytes else {
      throw Failure(.badData, "\(name): too large", why: "more than \(longestText >> 10) KiB", next: "is it the right file?")
    }
    return try text(bytes, name)
  }

  /// The bytes as a text. Pure. Throws `badData` naming the line that is none.
  public static func text(_ bytes: [UInt8], _ name: String) throws(Failure) -> String {
    if let place = bytes.firstIndex(of: 0) {
      throw Failure(.badData, "\(name): line \(line(of: place, in: bytes)): a NUL byte", next: "save the file as plain text")
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let broken =
      bytes.split(separator: 10, omittingEmptySubsequences: false).firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw Failure(.badData, "\(name): line \(broken + 1): is not UTF-8", next: "save the file as UTF-8")
  }

  private static func line(of place: Int, in bytes: [UInt8]) -> Int { bytes[..<place].count { $0 == 10 } + 1 }

  private static func resolved(_ path: String, _ name: String) throws(Failure) -> String {
    do throws(Failure) { return try resolve(path) } catch {
      throw Failure(.badData, "\(name): is a link that leads nowhere", next: "replace the link with the file itself")
    }
  }

  private static func size(_ path: String, _ name: String) throws(Failure) -> Int {
    let status = try status(path)
    guard status?.kind != .directory else { throw Failure(.badData, "\(name): is a folder", next: "a file is expected there") }
    return status?.size ?? 0
  }
}

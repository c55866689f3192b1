import Glibc

/// Reading and writing whole files. Every failure names the path, the reason and what to do.
public enum Files {
  /// The whole file. Missing is `noInput`, unreadable `ioError`.
  public static func read(_ path: String) throws(Failure) -> [UInt8] {
    guard let bytes = try readIfPresent(path) else {
      throw Failure(.noInput, "\(path): cannot be read", why: "no such file", next: "check the path")
    }
    return bytes
  }

  /// The whole file, nil when there is none.
  public static func readIfPresent(_ path: String) throws(Failure) -> [UInt8]? {
    let number = open(try plain(path), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      let error = SystemError.last
      if error.code == ENOENT { return nil }
      throw .file(path, "cannot be read", error)
    }
    let file = Descriptor(owning: number)
    do {
      return try file.readAll()
    } catch {
      throw .file(path, "cannot be read", error)
    }
  }

  /// At most so many bytes of the beginning.
  static func head(_ path: String, _ count: Int) throws(Failure) -> [UInt8] {
    let number = open(try plain(path), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .file(path, "cannot be read", .last) }
    let file = Descriptor(owning: number)
    var bytes = [UInt8](repeating: 0, count: count)
    let got = Glibc.read(file.number, &bytes, count)
    guard got >= 0 else { throw .file(path, "cannot be read", .last) }
    return Array(bytes.prefix(got))
  }

  /// Replaces the file in one step: readers see the old or the new content whole, also after a power cut.
  ///
  /// A symbolic link at `path` is replaced, not followed. Whatever fails, the old file stays and nothing is left beside it;
  /// only a kill in between leaves a `.<name>.<8 hex>.tmp`.
  public static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(Failure) {
    let (folder, name) = split(try plain(path))
    let temporary = "\(folder)/.\(name).\(RandomID.hex(8)).tmp"
    do throws(SystemError) {
      try fill(temporary, bytes, mode)
      guard rename(temporary, path) == 0 else { throw SystemError.last }
      try synchronize(folder: folder)
    } catch {
      unlink(temporary)
      throw .file(path, "cannot be written", error)
    }
  }

  /// Adds to the end, in one call for anything short; creates the file when it is missing.
  public static func append(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(Failure) {
    let number = open(try plain(path), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode)
    guard number >= 0 else { throw .file(path, "cannot be appended to", .last) }
    let file = Descriptor(owning: number)
    do {
      try file.write(bytes)
    } catch {
      throw .file(path, "cannot be appended to", error)
    }
  }

  /// Removes a file; false when there was none. A directory is a failure.
  @discardableResult
  public static func remove(_ path: String) throws(Failure) -> Bool {
    if unlink(try plain(path)) == 0 { return true }
    let error = SystemError.last
    if error.code == ENOENT { return false }
    throw .file(path, "cannot be removed", error)
  }

  /// Moves within one filesystem, replacing a file at `target`.
  public static func move(_ path: String, to target: String) throws(Failure) {
    guard rename(try plain(path), try plain(target)) == 0 else { throw .file(path, "cannot be moved to \(target)", .last) }
  }

  private static func fill(_ path: String, _ bytes: [UInt8], _ mode: UInt32) throws(SystemError) {
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw SystemError.last }
    let file = Descriptor(owning: number)
    try file.write(bytes)
    guard fchmod(number, mode) == 0 else { throw SystemError.last }
    try file.synchronize()
  }

  private static func synchronize(folder: String) throws(SystemError) {
    let number = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError.last }
    try Descriptor(owning: number).synchronize()
  }

  /// `/a/b` is (`/a`, `b`), `b` is (`.`, `b`), `/b` is (`/`, `b`).
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  /// The path as C will see it: a NUL would cut it short and point elsewhere.
  static func plain(_ path: String) throws(Failure) -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw Failure(.badData, "a path is empty or holds a NUL byte", why: String(path.prefix(80).map { $0 == "\0" ? "?" : $0 }))
    }
    return path
  }
}

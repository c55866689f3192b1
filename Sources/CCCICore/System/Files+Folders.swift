import CSys
import FoundationEssentials
import Glibc

extension Files {
  /// Creates a directory with its parents (those as `0o755`); nothing happens when it is there. `mode` is set exactly.
  public static func createDirectory(_ path: String, mode: UInt32 = 0o755) throws(Failure) {
    var path = try plain(path)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    if try createdDirectory(path) {
      guard chmod(path, mode) == 0 else { throw .file(path, "cannot be given its mode", .last) }
    }
  }

  /// Creates a directory that nobody else has created: false when something stands there. The parent must exist.
  public static func createExclusively(directory path: String, mode: UInt32 = 0o755) throws(Failure) -> Bool {
    guard mkdir(try plain(path), 0o700) == 0 else {
      let error = SystemError.last
      if error.code == EEXIST { return false }
      throw .file(path, "cannot be created", error)
    }
    guard chmod(path, mode) == 0 else { throw .file(path, "cannot be given its mode", .last) }
    return true
  }

  /// Makes a directory the working directory of this process.
  public static func enter(_ path: String) throws(Failure) {
    guard chdir(try plain(path)) == 0 else { throw .file(path, "cannot be entered", .last) }
  }

  /// The names in a directory, sorted by their bytes, without `.` and `..`. Missing is `noInput`.
  public static func list(_ path: String) throws(Failure) -> [String] {
    let number = open(try plain(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else {
      let error = SystemError.last
      throw .file(path, "cannot be listed", error, code: error.code == ENOENT ? .noInput : .ioError)
    }
    do {
      return try names(in: number)
    } catch {
      throw .file(path, "cannot be listed", error)
    }
  }

  /// The folders in a directory, links not followed, in no order: for directories so large that sorting and a path for each would be felt.
  public static func folders(in path: String) throws(Failure) -> [FolderEntry] {
    let number = open(try plain(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw .file(path, "cannot be listed", .last) }
    guard let stream = fdopendir(number) else {
      let error = SystemError.last
      close(number)
      throw .file(path, "cannot be listed", error)
    }
    defer { closedir(stream) }
    var names = FolderNames()
    errno = 0
    while let entry = readdir(stream) {
      names.add(entry)
      errno = 0
    }
    guard errno == 0 else { throw .file(path, "cannot be listed", .last) }
    return try names.looked(in: number)
  }

  /// Points `path` at `target`, replacing a file or link that stands there in one step.
  public static func symlink(_ path: String, to target: String) throws(Failure) {
    let (folder, name) = split(try plain(path))
    let temporary = "\(folder)/.\(name).\(RandomID.hex(8)).tmp"
    guard Glibc.symlink(try plain(target), temporary) == 0 else { throw .file(path, "cannot be created", .last) }
    guard rename(temporary, path) == 0 else {
      let error = SystemError.last
      unlink(temporary)
      throw .file(path, "cannot be created", error)
    }
  }

  /// Exchanges two files or directories of one filesystem in one step: nobody ever sees one of them missing.
  public static func exchange(_ path: String, _ other: String) throws(Failure) {
    let exchanged = csys_exchange(try plain(path), try plain(other))
    guard exchanged == 0 else { throw .file(path, "cannot be exchanged with \(other)", SystemError(-exchanged)) }
  }

  /// The absolute path without links, `.` and `..`. Missing is `noInput`.
  public static func resolve(_ path: String) throws(Failure) -> String {
    guard let resolved = realpath(try plain(path), nil) else {
      let error = SystemError.last
      throw .file(path, "cannot be resolved", error, code: error.code == ENOENT ? .noInput : .ioError)
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// True when this call made it. `inParents` is false once they are there: a second ENOENT is then final.
  private static func createdDirectory(_ path: String, inParents: Bool = true) throws(Failure) -> Bool {
    if mkdir(path, 0o755) == 0 { return true }
    let error = SystemError.last
    switch error.code {
    case EEXIST:
      var facts = stat()
      guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else { throw .file(path, "is not a directory", error) }
      return false
    case ENOENT where inParents:
      let parent = split(path).folder
      guard parent != "/", parent != "." else { throw .file(path, "cannot be created", error) }
      _ = try createdDirectory(parent)
      return try createdDirectory(path, inParents: false)
    default:
      throw .file(path, "cannot be created", error)
    }
  }

  /// Sorted names in an open directory; closes `number`.
  static func names(in number: Int32) throws(SystemError) -> [String] {
    guard let stream = fdopendir(number) else {
      let error = SystemError.last
      close(number)
      throw error
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw SystemError.last }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

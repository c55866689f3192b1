import Glibc

/// A lock between processes: `flock` on a file. Nobody unlocks; the kernel does when the last descriptor is closed, also of a killed process.
///
/// A child that is just being started holds it with us until its `execve`: after the last value has gone, it is free some milliseconds later.
/// Lock files are never removed. Should somebody do it nevertheless, the inode is compared after acquiring, so that two never hold one path.
public final class FileLock: Sendable {
  public enum Mode: Sendable { case shared, exclusive }

  public let path: String
  public let mode: Mode
  /// For a child that is to hold the lock with us. Closed on exec otherwise, and when this value goes.
  public let descriptor: Int32

  private init(path: String, mode: Mode, descriptor: Int32) {
    self.path = path
    self.mode = mode
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Takes the lock without waiting; nil when another holds it. Creates the file and its folders.
  ///
  /// An exclusive holder writes the line `holder` into the file: who it is and for what. Two values in one process exclude each other too.
  public static func attempt(_ path: String, _ mode: Mode = .exclusive, holder: String) throws(Failure) -> FileLock? {
    try Files.createDirectory(Files.split(path).folder)
    while true {
      let number = open(try Files.plain(path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      guard number >= 0 else { throw .file(path, "cannot be locked", .last) }
      let file = Descriptor(owning: number)
      guard flock(file.number, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
        let error = SystemError.last
        if error.code == EWOULDBLOCK { return nil }
        if error.code == EINTR { continue }
        throw .file(path, "cannot be locked", error)
      }
      guard isStill(path, file.number) else { continue }
      if mode == .exclusive { try sign(file, path, holder) }
      return FileLock(path: path, mode: mode, descriptor: file.release())
    }
  }

  /// The line that the last exclusive holder wrote; nil when there is none. It may have gone since.
  public static func holder(of path: String) -> String? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    do {
      let line = String(decoding: try file.readAll().prefix { $0 != 10 }, as: UTF8.self)
      return line.isEmpty ? nil : line
    } catch {
      return nil
    }
  }

  /// True when the path still names the file that we have locked.
  private static func isStill(_ path: String, _ descriptor: Int32) -> Bool {
    var named = stat()
    var held = stat()
    return stat(path, &named) == 0 && fstat(descriptor, &held) == 0 && named.st_ino == held.st_ino && named.st_dev == held.st_dev
  }

  private static func sign(_ file: borrowing Descriptor, _ path: String, _ holder: String) throws(Failure) {
    let line = holder.prefix { !$0.isNewline }
    do throws(SystemError) {
      guard ftruncate(file.number, 0) == 0 else { throw SystemError.last }
      try file.write(Array("\(line)\n".utf8))
    } catch {
      throw .file(path, "cannot be written", error)
    }
  }
}

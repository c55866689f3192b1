import Glibc

extension Files {
  /// Removes what stands at the path with everything below it; nothing happens when nothing is there.
  ///
  /// Links are removed, never followed, also when somebody swaps one in meanwhile. Names are reached through open directories,
  /// one descriptor a level. Stops at the first failure.
  public static func removeTree(_ path: String) throws(Failure) {
    try remove(try plain(path), in: AT_FDCWD, shown: path)
  }

  /// `name` below the open directory `parent`.
  private static func remove(_ name: String, in parent: Int32, shown: String) throws(Failure) {
    if unlinkat(parent, name, 0) == 0 { return }
    let error = SystemError.last
    if error.code == ENOENT { return }
    guard error.code == EISDIR else { throw .file(shown, "cannot be removed", error) }
    try empty(name, in: parent, shown: shown)
    guard unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw .file(shown, "cannot be removed", .last) }
  }

  private static func empty(_ name: String, in parent: Int32, shown: String) throws(Failure) {
    let number = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { throw .file(shown, "cannot be removed", .last) }
    let folder = Descriptor(owning: number)
    for child in try children(of: folder.number, shown: shown) {
      try remove(child, in: folder.number, shown: "\(shown)/\(child)")
    }
  }

  private static func children(of folder: Int32, shown: String) throws(Failure) -> [String] {
    let copy = fcntl(folder, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .file(shown, "cannot be listed", .last) }
    do {
      return try names(in: copy)
    } catch {
      throw .file(shown, "cannot be listed", error)
    }
  }
}

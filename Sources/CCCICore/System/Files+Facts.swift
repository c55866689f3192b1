import FoundationEssentials
import Glibc

extension Files {
  /// What stands at the path, links not followed; nil when nothing does.
  public static func status(_ path: String) throws(Failure) -> FileStatus? {
    var facts = stat()
    guard lstat(try plain(path), &facts) == 0 else {
      let error = SystemError.last
      if error.code == ENOENT || error.code == ENOTDIR { return nil }
      throw .file(path, "cannot be looked at", error)
    }
    return FileStatus(
      kind: kind(facts.st_mode), size: Int(facts.st_size), uid: facts.st_uid, gid: facts.st_gid, mode: facts.st_mode & 0o7777,
      mtime: Date(timeIntervalSince1970: Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9),
      inode: UInt64(facts.st_ino), device: UInt64(facts.st_dev))
  }

  /// A regular file (links followed) that we may execute.
  public static func isExecutable(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
  }

  /// Space on the filesystem that holds `path`.
  public static func space(at path: String) throws(Failure) -> DiskSpace {
    var facts = statvfs()
    guard statvfs(try plain(path), &facts) == 0 else { throw .file(path, "space cannot be measured", .last) }
    let block = UInt64(facts.f_frsize)
    let blocks = UInt64(facts.f_blocks)
    let free = UInt64(facts.f_bfree)
    let available = UInt64(facts.f_bavail)
    let inodes = UInt64(facts.f_files)
    let inodesFree = UInt64(facts.f_ffree)
    let inodesAvailable = UInt64(facts.f_favail)
    return DiskSpace(
      total: blocks * block, free: available * block, used: fraction(of: blocks, free, available), inodes: inodes,
      inodesFree: inodesAvailable, inodesUsed: fraction(of: inodes, inodesFree, inodesAvailable))
  }

  /// Used among what an ordinary process may use, as `df` says it.
  private static func fraction(of total: UInt64, _ free: UInt64, _ available: UInt64) -> Double {
    let used = total - min(free, total)
    return used + available == 0 ? 0 : Double(used) / Double(used + available)
  }

  private static func kind(_ mode: mode_t) -> FileStatus.Kind {
    switch mode & S_IFMT {
    case S_IFDIR: .directory
    case S_IFLNK: .symlink
    case S_IFSOCK: .socket
    case S_IFIFO: .pipe
    case S_IFCHR, S_IFBLK: .device
    default: .file
    }
  }
}

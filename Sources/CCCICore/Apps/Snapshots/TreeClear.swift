import CSys
import Glibc

/// Removes everything below a directory, but not the directory itself: for a volume, its inode is the mount.
enum TreeClear {
  /// Blocks. Immutable things go too, and the directory's own attributes: what is put into it would inherit its default ACL.
  /// What is mounted inside is a failure.
  static func empty(_ root: TreeRoot) throws(Failure) {
    do throws(SystemError) { try Attributes.of([], in: root).remove(from: [], in: root) } catch {
      throw root.failure([], "cannot be emptied", error)
    }
    let entries = try TreeWalk.entries(of: root)
    let others = entries.filter { $0.kind != .directory }
    try Crew.each((others.count + 255) / 256, threads: 8) { chunk throws(Failure) in
      for entry in others[(chunk * 256)..<min(others.count, chunk * 256 + 256)] { try remove(entry.path, 0, in: root) }
    }
    for folder in entries.filter({ $0.kind == .directory && !$0.path.isEmpty }).sorted(by: { $1.path.lexicographicallyPrecedes($0.path) }) {
      try remove(folder.path, AT_REMOVEDIR, in: root)
    }
  }

  private static func remove(_ path: [UInt8], _ flag: Int32, in root: TreeRoot) throws(Failure) {
    do throws(SystemError) {
      try unlink(path, flag, in: root)
    } catch  where error.code == EPERM {
      // Immutable, or in an immutable folder.
      do throws(SystemError) {
        let parent = path.lastIndex(of: 47).map { Array(path[..<$0]) } ?? []
        for place in [parent, path] { _ = try root.reach(place) { (folder, name) throws(SystemError) in csys_unprotect(folder, name) } }
        try unlink(path, flag, in: root)
      } catch { throw root.failure(path, "cannot be removed", error) }
    } catch { throw root.failure(path, "cannot be removed", error) }
  }

  private static func unlink(_ path: [UInt8], _ flag: Int32, in root: TreeRoot) throws(SystemError) {
    try root.reach(path) { (folder, name) throws(SystemError) in
      guard unlinkat(folder, name, flag) == 0 else { throw SystemError.last }
    }
  }
}

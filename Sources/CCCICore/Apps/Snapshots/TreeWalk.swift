import CSys
import Glibc

/// Looks at everything below a directory, many directories at once.
public enum TreeWalk {
  /// Every entry, the root first, the others in no order. Other filesystems mounted inside are named but not entered.
  ///
  /// Blocks: call it on a thread of our own.
  public static func entries(of root: TreeRoot, threads: Int = 8) throws(Failure) -> [TreeEntry] {
    var facts = stat()
    guard fstat(root.number, &facts) == 0 else { throw root.failure([], "cannot be looked at", .last) }
    let first = TreeEntry(path: [], facts)
    let state = Monitor(State(found: [[first]], waiting: [[]], busy: 0, isOver: false))
    try Crew.work(threads) { _ throws(Failure) in
      while let folder = state.wait({ $0.next() }).folder {
        do throws(Failure) {
          let found = try list(folder, in: root)
          state.change { $0.take(found, device: first.device) }
        } catch {
          state.change { $0.isOver = true }
          throw error
        }
      }
    }
    return state.change { $0.takeAll() }
  }

  private struct State {
    /// Of each directory by itself: one array that grows would be copied again and again.
    var found: [[TreeEntry]]
    var waiting: [[UInt8]]
    var busy: Int
    var isOver: Bool

    struct Turn { var folder: [UInt8]? }

    /// nil: wait. A turn without a folder: there will be no more.
    mutating func next() -> Turn? {
      if isOver || (waiting.isEmpty && busy == 0) { return Turn(folder: nil) }
      guard let folder = waiting.popLast() else { return nil }
      busy += 1
      return Turn(folder: folder)
    }

    mutating func take(_ entries: [TreeEntry], device: UInt64) {
      busy -= 1
      found.append(entries)
      for entry in entries where entry.kind == .directory && entry.device == device { waiting.append(entry.path) }
    }

    mutating func takeAll() -> [TreeEntry] {
      var all: [TreeEntry] = []
      all.reserveCapacity(found.reduce(0) { $0 + $1.count })
      for index in found.indices {
        all += found[index]
        found[index] = []
      }
      // What was freed lies between what is kept: the system gets it back only when asked to.
      csys_trim_memory()
      return all
    }
  }

  /// What is in one directory, looked at in the order of inodes: on a cold disk that is the order of reading.
  private static func list(_ folder: [UInt8], in root: TreeRoot) throws(Failure) -> [TreeEntry] {
    do {
      return try root.reach(folder) { (parent, name) throws(SystemError) in
        let number = csys_open_folder(parent, name, 1)
        guard number >= 0 else { throw SystemError(-number) }
        guard let stream = fdopendir(number) else {
          let error = SystemError.last
          close(number)
          throw error
        }
        defer { closedir(stream) }
        let names = try names(in: stream)
        var entries: [TreeEntry] = []
        entries.reserveCapacity(names.count)
        for (_, name) in names.sorted(by: { $0.inode < $1.inode }) {
          var facts = stat()
          var text = name
          text.append(0)
          let looked = text.withUnsafeBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { fstatat(number, $0, &facts, AT_SYMLINK_NOFOLLOW) } ?? -1
          }
          guard looked == 0 else { throw SystemError.last }
          entries.append(TreeEntry(path: folder.isEmpty ? name : folder + [47] + name, facts))
        }
        return entries
      }
    } catch {
      throw root.failure(folder, "cannot be listed", error)
    }
  }

  private static func names(in stream: OpaquePointer) throws(SystemError) -> [(inode: UInt64, name: [UInt8])] {
    var names: [(inode: UInt64, name: [UInt8])] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        let start = UnsafeRawPointer(pointer)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))))
      }
      if name != [46], name != [46, 46] { names.append((UInt64(entry.pointee.d_ino), name)) }
      errno = 0
    }
    guard errno == 0 else { throw SystemError.last }
    return names
  }
}

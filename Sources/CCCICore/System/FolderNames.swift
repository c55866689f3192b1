import FoundationEssentials
import Glibc

/// Names of a directory, of which the folders are wanted. All of them lie in one buffer: a hundred thousand strings would be felt.
struct FolderNames: Sendable {
  /// Each with its zero.
  private var bytes: [CChar] = []
  private var starts: [Int] = []

  /// What one thread looks at in one go.
  private static let share = 4096
  private static let threads = 4

  /// Passes over what the filesystem already says is no folder.
  mutating func add(_ entry: UnsafeMutablePointer<dirent>) {
    let kind = Int(entry.pointee.d_type)
    guard kind == DT_DIR || kind == DT_UNKNOWN else { return }
    withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { name in
        let length = strlen(name)
        guard !(name[0] == 46 && (length == 1 || (length == 2 && name[1] == 46))) else { return }
        starts.append(bytes.count)
        bytes.append(contentsOf: UnsafeBufferPointer(start: name, count: length + 1))
      }
    }
  }

  /// Asks the system about each of them, in no order; of many, on several threads: the answers are all that takes time.
  func looked(in directory: Int32) throws(Failure) -> [FolderEntry] {
    if starts.count <= Self.share { return entries(0..<starts.count, in: directory) }
    let found = Locked<[FolderEntry]>([])
    try Crew.each((starts.count + Self.share - 1) / Self.share, threads: Self.threads) { number throws(Failure) in
      let some = entries(number * Self.share..<min(starts.count, (number + 1) * Self.share), in: directory)
      found.withLock { $0 += some }
    }
    return found.withLock { $0 }
  }

  /// Without what is no folder, or is gone by now.
  private func entries(_ range: Range<Int>, in directory: Int32) -> [FolderEntry] {
    bytes.withUnsafeBufferPointer { bytes in
      range.compactMap { index in
        guard let base = bytes.baseAddress else { return nil }
        let name = base + starts[index]
        var facts = stat()
        guard fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0, facts.st_mode & S_IFMT == S_IFDIR else { return nil }
        return FolderEntry(
          name: String(cString: name),
          changed: Date(timeIntervalSince1970: Double(facts.st_mtim.tv_sec) + Double(facts.st_mtim.tv_nsec) / 1e9))
      }
    }
  }
}

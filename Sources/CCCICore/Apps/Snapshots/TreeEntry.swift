import Glibc

/// One thing in a volume: what `lstat` says of it.
public struct TreeEntry: Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case file, directory, symlink, fifo, socket, character, block }

  /// Below the root, in bytes, because names need not be UTF-8; empty for the root itself.
  public var path: [UInt8]
  public var kind: Kind
  /// Permission bits with set-uid, set-gid and sticky.
  public var mode: UInt32
  public var uid: UInt32
  public var gid: UInt32
  /// Bytes; 0 for anything but files.
  public var size: Int
  /// Bytes on disk.
  public var stored: Int
  /// Last change of the content, in seconds since 1970 and nanoseconds of that second.
  public var seconds: Int
  public var nanoseconds: Int
  public var links: Int
  public var inode: UInt64
  public var device: UInt64
  /// Of a device node.
  public var special: UInt64
  /// When anything about it changed last: a file that is written while it is read shows here.
  var changeSeconds = 0
  var changeNanoseconds = 0

  init(path: [UInt8], _ facts: stat) {
    self.path = path
    kind =
      switch facts.st_mode & S_IFMT {
      case S_IFDIR: .directory
      case S_IFLNK: .symlink
      case S_IFIFO: .fifo
      case S_IFSOCK: .socket
      case S_IFCHR: .character
      case S_IFBLK: .block
      default: .file
      }
    mode = facts.st_mode & 0o7777
    uid = facts.st_uid
    gid = facts.st_gid
    size = kind == .file ? Int(facts.st_size) : 0
    stored = Int(facts.st_blocks) * 512
    seconds = facts.st_mtim.tv_sec
    nanoseconds = facts.st_mtim.tv_nsec
    links = Int(facts.st_nlink)
    inode = UInt64(facts.st_ino)
    device = UInt64(facts.st_dev)
    special = UInt64(facts.st_rdev)
    changeSeconds = facts.st_ctim.tv_sec
    changeNanoseconds = facts.st_ctim.tv_nsec
  }

  /// Made by a reader of archives, or by a test.
  public init(path: [UInt8], kind: Kind, mode: UInt32 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0, size: Int = 0) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.size = size
    stored = size
    (seconds, nanoseconds, links, inode, device, special) = (0, 0, 1, 0, 0, 0)
  }

  /// The path as a person may read it.
  public var shown: String { path.isEmpty ? "." : String(decoding: path, as: UTF8.self) }

  /// Whether a second look shows the file as the first did.
  func isUnchanged(_ facts: stat) -> Bool {
    facts.st_size == size && UInt64(facts.st_ino) == inode && facts.st_mtim.tv_sec == seconds && facts.st_mtim.tv_nsec == nanoseconds
      && facts.st_ctim.tv_sec == changeSeconds && facts.st_ctim.tv_nsec == changeNanoseconds
  }
}

public import FoundationEssentials

/// What stands at a path, the symbolic link itself where it is one.
public struct FileStatus: Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case file, directory, symlink, socket, pipe, device }

  public var kind: Kind
  /// Bytes.
  public var size: Int
  public var uid: UInt32
  public var gid: UInt32
  /// The permission bits with set-uid, set-gid and sticky: `0o755`.
  public var mode: UInt32
  public var mtime: Date
  public var inode: UInt64
  public var device: UInt64

  public init(
    kind: Kind, size: Int = 0, uid: UInt32 = 0, gid: UInt32 = 0, mode: UInt32 = 0o644, mtime: Date = Date(timeIntervalSince1970: 0),
    inode: UInt64 = 0, device: UInt64 = 0
  ) {
    self.kind = kind
    self.size = size
    self.uid = uid
    self.gid = gid
    self.mode = mode
    self.mtime = mtime
    self.inode = inode
    self.device = device
  }
}

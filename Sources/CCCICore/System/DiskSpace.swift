/// How full a filesystem is, as `df` counts it.
public struct DiskSpace: Sendable, Equatable {
  /// Bytes.
  public var total: UInt64
  /// Bytes that an ordinary process may still write.
  public var free: UInt64
  /// 0…1, of what an ordinary process may use.
  public var used: Double
  /// 0 where the filesystem has no fixed number of inodes (btrfs).
  public var inodes: UInt64
  public var inodesFree: UInt64
  /// 0…1; 0 where inodes are not counted.
  public var inodesUsed: Double

  public init(total: UInt64, free: UInt64, used: Double, inodes: UInt64, inodesFree: UInt64, inodesUsed: Double) {
    self.total = total
    self.free = free
    self.used = used
    self.inodes = inodes
    self.inodesFree = inodesFree
    self.inodesUsed = inodesUsed
  }
}

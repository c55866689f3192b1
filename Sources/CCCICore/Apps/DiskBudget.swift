/// How full a filesystem may be. Pure.
public struct DiskBudget: Sendable, Hashable {
  /// Per cent of bytes or inodes, whichever is fuller.
  public var warn: Int
  public var act: Int
  public var refuse: Int
  /// Bytes that must be free, whatever the fraction.
  public var floor: UInt64

  public init(warn: Int, act: Int, refuse: Int, floor: UInt64) {
    self.warn = warn
    self.act = act
    self.refuse = refuse
    self.floor = floor
  }

  public enum Verdict: Int, Sendable, Comparable, CaseIterable {
    case fine, warn
    /// What is easily made again is to be removed.
    case act
    /// Runs are refused.
    case refuse

    public static func < (one: Verdict, other: Verdict) -> Bool { one.rawValue < other.rawValue }
  }

  public func judge(_ space: DiskSpace) -> Verdict {
    let used = Self.percent(space)
    if used >= refuse || space.free < floor { return .refuse }
    if used >= act { return .act }
    return used >= warn ? .warn : .fine
  }

  /// `91 % of inodes in use, 2048 MiB free`.
  public static func words(_ space: DiskSpace) -> String {
    "\(percent(space)) % of \(space.inodesUsed > space.used ? "inodes" : "bytes") in use, \(space.free >> 20) MiB free"
  }

  private static func percent(_ space: DiskSpace) -> Int { Int((max(space.used, space.inodesUsed) * 100).rounded(.down)) }
}

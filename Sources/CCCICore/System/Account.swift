import Glibc

/// The account that this process runs as.
public enum Account {
  /// Its home directory as the system knows it, whatever `HOME` says; `/` when it has none.
  public static var home: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let start = buffer.baseAddress, getpwuid_r(geteuid(), &entry, start, buffer.count, &found) == 0, found != nil,
        let home = entry.pw_dir
      else {
        return "/"
      }
      return String(cString: home)
    }
  }
}

import Glibc

/// An entry of the environment that tells whose a process is.
struct ProcessMark: Sendable {
  private let entry: [UInt8]

  init(variable: String, value: String) { entry = Array("\(variable)=\(value)".utf8) }

  /// True when the process lives and started with this entry. What ended, and what we may not look at, does not match.
  func matches(_ process: Int32) -> Bool {
    let number = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    let file = Descriptor(owning: number)
    do {
      return contains(try file.readAll())
    } catch {
      return false
    }
  }

  /// `environment` is a list of entries, each ended by a NUL.
  func contains(_ environment: [UInt8]) -> Bool {
    environment.withUnsafeBytes { all in
      var start = 0
      while start < all.count, let base = all.baseAddress?.advanced(by: start) {
        let end = memchr(base, 0, all.count - start).map { base.distance(to: $0) } ?? all.count - start
        if end == entry.count, memcmp(base, entry, end) == 0 { return true }
        start += end + 1
      }
      return false
    }
  }
}

import Glibc

/// An `errno` in words, as failures quote it.
public struct SystemError: Error, Sendable, Equatable {
  public let code: Int32

  public init(_ code: Int32) { self.code = code }

  /// The error of the call that just failed; read it before anything else is called.
  public static var last: SystemError { SystemError(errno) }

  /// Lower case, without a full stop: `permission denied`, `no space left on device`.
  public var words: String {
    switch code {
    case ENOSPC, EDQUOT: "no space left"
    case EMFILE, ENFILE: "too many open files"
    default: Self.lowered(String(cString: strerror(code)))
    }
  }

  /// What a person can do about it; empty when there is nothing to say.
  public var hint: String {
    switch code {
    case ENOSPC, EDQUOT: "free space (and inodes) on that filesystem, then repeat"
    case EACCES, EPERM: "check the owner and the mode, or run as the right user"
    case EROFS: "the filesystem is mounted read-only"
    case ENOENT: "check the path"
    case ENOTDIR, EISDIR: "check what stands at that path"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    case ELOOP: "check for a symbolic link that points to itself"
    default: ""
    }
  }

  /// `Permission denied` becomes `permission denied`; `RPC struct is bad` stays.
  private static func lowered(_ text: String) -> String {
    guard let first = text.first, text.dropFirst().first?.isUppercase == false else { return text }
    return first.lowercased() + text.dropFirst()
  }
}

extension Failure {
  /// A file operation that the system refused: `/srv/x: cannot be read: permission denied`.
  public static func file(_ path: String, _ problem: String, _ error: SystemError, code: ExitCode = .ioError) -> Failure {
    Failure(code, "\(path): \(problem)", why: error.words, next: error.hint)
  }
}

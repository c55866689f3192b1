import Glibc

extension Files {
  /// Gives a file to a user and group, the link itself where it is one.
  public static func own(_ path: String, uid: UInt32, gid: UInt32) throws(Failure) {
    guard lchown(path, uid, gid) == 0 else {
      throw Failure(.ioError, "\(path): cannot be given to \(uid):\(gid)", why: String(cString: strerror(errno)), next: "run as root")
    }
  }
}

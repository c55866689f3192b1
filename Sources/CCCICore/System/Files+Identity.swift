import CSys

extension Files {
  /// What tells a folder from another that was later made in its place: device, inode, and the moment it was made where the filesystem keeps
  /// it. An inode number alone is given out again at once. nil when nothing is there.
  public static func identity(_ path: String) throws(Failure) -> String? {
    guard let status = try status(path) else { return nil }
    let birth = csys_birth(path)
    return "\(status.device):\(status.inode)\(birth >= 0 ? ":\(birth)" : "")"
  }
}

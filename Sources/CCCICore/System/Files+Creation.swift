import Glibc

extension Files {
  /// Creates a file that nobody else has created, whole and on disk: false when something stands there. The folder must exist.
  public static func create(_ bytes: [UInt8], at path: String, mode: UInt32 = 0o644) throws(Failure) -> Bool {
    let (folder, name) = split(try plain(path))
    let draft = "\(folder)/.\(name).\(RandomID.hex(8)).draft"
    try write(bytes, to: draft, mode: mode)
    defer { unlink(draft) }
    if link(draft, path) == 0 {
      try synchronize(directory: folder)
      return true
    }
    let error = SystemError.last
    if error.code == EEXIST { return false }
    throw .file(path, "cannot be created", error)
  }
}

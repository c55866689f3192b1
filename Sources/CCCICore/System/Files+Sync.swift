import Glibc

extension Files {
  /// Sees to it that the names in a directory survive a power cut.
  public static func synchronize(directory path: String) throws(Failure) {
    let number = open(try plain(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw .file(path, "cannot be opened", .last) }
    let folder = Descriptor(owning: number)
    do { try folder.synchronize() } catch { throw .file(path, "cannot be written", error) }
  }

  /// Sees to it that the content of a file survives a power cut.
  public static func synchronize(file path: String) throws(Failure) {
    let number = open(try plain(path), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .file(path, "cannot be opened", .last) }
    let file = Descriptor(owning: number)
    do { try file.synchronize() } catch { throw .file(path, "cannot be written", error) }
  }
}

/// The secrets of the host, such as the files under `/run/secrets`: masked whole and line by line.
public struct HostSecrets: Sendable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Adds every file below the folder, through its links: a secret's name may hold a slash, and its place may be a link. Nothing happens
  /// without the folder.
  ///
  /// Lines that are too short to be masked, such as the values of switches, are left out.
  public func add(to mask: Mask) throws(Failure) {
    guard try Files.status(folder) != nil else { return }
    try add(try Files.resolve(folder), to: mask, depth: 0)
  }

  private func add(_ folder: String, to mask: Mask, depth: Int) throws(Failure) {
    for name in try Files.list(folder) {
      let path = "\(folder)/\(name)"
      guard let kind = try Files.status(path)?.kind else { continue }
      // A link that leads nowhere hides nothing; the depth ends one that leads to itself.
      let real = kind == .symlink ? try target(of: path) : path
      switch try Files.status(real ?? path)?.kind {
      case .directory where depth < 8: try add(real ?? path, to: mask, depth: depth + 1)
      case .file: mask.add(String(decoding: try Files.read(real ?? path), as: UTF8.self))
      default: continue
      }
    }
  }

  private func target(of link: String) throws(Failure) -> String? {
    do throws(Failure) { return try Files.resolve(link) } catch  where error.code == .noInput { return nil }
  }
}

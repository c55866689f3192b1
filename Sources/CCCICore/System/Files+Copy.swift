extension Files {
  /// Copies a folder with its files, links and execute bits. Anything else (sockets, devices) is left out. What is there is overwritten.
  public static func copyTree(_ source: String, to target: String) throws(Failure) {
    try createDirectory(target, mode: 0o755)
    for name in try list(source) {
      let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
      guard let status = try status(from) else { continue }
      switch status.kind {
      case .directory: try copyTree(from, to: to)
      case .file: try write(try read(from), to: to, mode: status.mode & 0o755)
      case .symlink: try write(try read(from), to: to, mode: 0o644)
      case .socket, .pipe, .device: continue
      }
    }
  }
}

/// The listing of a downloaded backup, as GNU tar prints it with `--verbose --numeric-owner --full-time --quoting-style=escape`.
public struct BackupListing: Sendable, Equatable {
  public struct Entry: Sendable, Hashable {
    /// Relative, without a leading `./` or `/`, and without a trailing `/`.
    public var path: String
    public var isFile: Bool
    public var size: Int64
  }
  public var entries: [Entry]

  public init(_ text: String) {
    entries = text.split(separator: "\n").compactMap { line -> Entry? in
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard fields.count == 6, let size = Int64(fields[2]) else { return nil }
      var path = String(fields[5])
      if fields[0].first == "l", let arrow = path.firstRange(of: " -> ") { path = String(path[..<arrow.lowerBound]) }
      while path.hasPrefix("./") { path.removeFirst(2) }
      while path.hasPrefix("/") { path.removeFirst() }
      while path.hasSuffix("/") { path.removeLast() }
      return Entry(path: path, isFile: fields[0].first == "-", size: size)
    }
  }

  /// What a label's path must be found as: below docker's folder of the volume, else as the container's own path.
  ///
  /// - Parameter volume: docker's name of the volume, nil when the path is in none.
  public func covers(_ target: BackupTarget, volume: String?, liveFiles: Int, isDirectory: Bool) -> Finding {
    let wanted = volume.map { target.path.isEmpty ? "volumes/\($0)/_data" : "volumes/\($0)/_data/\(target.path)" } ?? target.path
    let own = entries.filter { $0.path == wanted || $0.path.hasSuffix("/\(wanted)") }
    let below = entries.filter { $0.path.hasPrefix("\(wanted)/") || $0.path.contains("/\(wanted)/") }
    guard !own.isEmpty || !below.isEmpty else {
      return .fail(.backupIncomplete, "backup incomplete: \(target) is not in the snapshot")
    }
    if !isDirectory {
      guard own.contains(where: { $0.isFile && $0.size > 0 }) else {
        return .fail(.backupIncomplete, "backup incomplete: \(target) is empty in the snapshot")
      }
      return .pass
    }
    guard liveFiles == 0 || below.contains(where: \.isFile) else {
      return .fail(.backupIncomplete, "backup incomplete: \(target) holds \(liveFiles) files, and none of them is in the snapshot")
    }
    return .pass
  }
}

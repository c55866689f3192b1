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
    entries = []
    var sizes: [[UInt8]: Int64] = [:]
    // By bytes: to Swift a blank with a combining mark behind it is no blank.
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5, omittingEmptySubsequences: true)
      guard fields.count == 6, let kind = fields[0].first, var size = Int64(String(decoding: fields[2], as: UTF8.self)) else { continue }
      var name = fields[5]
      let isHardLink = kind == UInt8(ascii: "h")
      let mark = isHardLink ? " link to " : kind == UInt8(ascii: "l") ? " -> " : nil
      if let place = mark.flatMap({ name.firstRange(of: $0.utf8) }) {
        // A second name of a file has no size of its own.
        if isHardLink { size = sizes[Self.plain(name[place.upperBound...])] ?? 0 }
        name = name[..<place.lowerBound]
      }
      let path = Self.plain(name)
      sizes[path] = size
      entries.append(Entry(path: String(decoding: path, as: UTF8.self), isFile: isHardLink || kind == UInt8(ascii: "-"), size: size))
    }
  }

  /// A path without what stands around it, and with what tar's escapes stand for: `\\n`, `\\\\`, `\\303`.
  private static func plain(_ name: Substring.UTF8View) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = name
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(3).prefix { (48...55).contains($0) }
      let octal = digits.count == 3 ? UInt8(String(decoding: digits, as: UTF8.self), radix: 8) : nil
      bytes.append(octal ?? letters[next] ?? next)
      rest = rest.dropFirst(octal == nil ? 1 : 3)
    }
    while bytes.starts(with: "./".utf8) { bytes.removeFirst(2) }
    while bytes.first == UInt8(ascii: "/") { bytes.removeFirst() }
    while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return bytes
  }

  private static let letters: [UInt8: UInt8] = [97: 7, 98: 8, 116: 9, 110: 10, 118: 11, 102: 12, 114: 13]

  /// What a label's path is called at the end of its name in the snapshot.
  static func name(of target: BackupTarget, volume: String?) -> String {
    volume.map { target.path.isEmpty ? "volumes/\($0)/_data" : "volumes/\($0)/_data/\(target.path)" } ?? target.path
  }

  /// What a label's path must be found as: below docker's folder of the volume, else as the container's own path.
  ///
  /// - Parameter volume: docker's name of the volume, nil when the path is in none.
  public func covers(_ target: BackupTarget, volume: String?, liveFiles: Int, isDirectory: Bool) -> Finding {
    let wanted = Self.name(of: target, volume: volume)
    let (own, below) = found(wanted)
    guard !own.isEmpty || !below.isEmpty else {
      return .fail(.backupIncomplete, "backup incomplete: \(target) is not in the snapshot")
    }
    if !isDirectory {
      // What is not there now may have been a folder while the backup ran: hooks make dumps and remove them.
      guard (own + below).contains(where: { $0.isFile && $0.size > 0 }) else {
        return .fail(.backupIncomplete, "backup incomplete: \(target) is empty in the snapshot")
      }
      return .pass
    }
    guard liveFiles == 0 || below.contains(where: \.isFile) else {
      return .fail(.backupIncomplete, "backup incomplete: \(target) holds \(liveFiles) files, and none of them is in the snapshot")
    }
    return .pass
  }

  /// The entries that are the path, and those below it, wherever in the snapshot it stands.
  private func found(_ path: String) -> (own: [Entry], below: [Entry]) {
    let wanted = Array("/\(path)/".utf8)
    var (own, below): ([Entry], [Entry]) = ([], [])
    for entry in entries {
      let text = Array("/\(entry.path)/".utf8)
      guard let place = text.firstRange(of: wanted) else { continue }
      if place.upperBound == text.endIndex { own.append(entry) } else { below.append(entry) }
    }
    return (own, below)
  }
}

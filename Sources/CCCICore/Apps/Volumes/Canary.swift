/// Two small dot files in a folder of a volume, planted to see whether data comes through an op.
///
/// They carry the owner and group of the folder, and its mode without execute bits, so that an application that takes stock of its folder is not disturbed.
public struct Canary: Sendable, Hashable, Codable {
  /// Docker's name of the volume.
  public var volume: String
  /// The folder on this host.
  public var folder: String
  /// Where it stands, for messages: `content` or `data/uploads`.
  public var place: String
  /// The content of both files.
  public var content: String

  public enum State: Sendable, Hashable { case same, changed, gone }

  static let prefix = ".ccci-canary-"

  public static func isOne(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// The file whose content will be changed before the restore.
  public var changed: String { "\(folder)/\(Self.prefix)changed" }
  /// The file that will be deleted before the restore.
  public var deleted: String { "\(folder)/\(Self.prefix)deleted" }

  /// Plants both files. nil when the folder is empty: no container has written there yet, and an entrypoint may fill only an empty one.
  public static func plant(in folder: String, volume: String, place: String) throws(Failure) -> Canary? {
    guard let root = try Files.status(folder), root.kind == .directory else { return nil }
    guard try Files.list(folder).contains(where: { !isOne($0) }) else { return nil }
    let canary = Canary(volume: volume, folder: folder, place: place, content: "cc-ci canary \(RandomID.hex(16))\n")
    for path in [canary.changed, canary.deleted] {
      try Files.write(Array(canary.content.utf8), to: path, mode: root.mode & 0o666)
      try Files.own(path, uid: root.uid, gid: root.gid)
    }
    return canary
  }

  /// Changes one file and deletes the other: what a restore must undo.
  public func damage() throws(Failure) {
    if let status = try Files.status(changed) {
      try Files.write(Array("damaged by cc-ci before the restore\n".utf8), to: changed, mode: status.mode & 0o666)
      try Files.own(changed, uid: status.uid, gid: status.gid)
    }
    _ = try Files.remove(deleted)
  }

  public func state(of path: String) throws(Failure) -> State {
    switch try UntrustedFile.read(path, most: content.utf8.count) {
    case .missing: .gone
    case .strange: .changed
    case .bytes(let bytes): bytes == Array(content.utf8) ? .same : .changed
    }
  }
}

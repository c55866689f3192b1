/// What stands in one volume at one moment, without any knowledge of the application: the ground of `VolumeLoss.judge`.
public struct VolumeInventory: Sendable, Hashable, Codable {
  /// Docker's name.
  public var volume: String
  /// Tells it from a volume of the same name that was made later. Docker's own `CreatedAt` does not: until engine 23 it is the folder's
  /// change time, and moves with every file.
  public var identity: String
  /// Where the stack's services mount it: `app:/usr/share/nginx/html`.
  public var mounts: [String]
  public var files: Int
  public var bytes: Int64
  /// At most `sampled` paths of regular files, relative to the root, chosen by a hash so that two inventories choose alike.
  public var sample: [String]

  public static let sampled = 500

  public init(volume: String, identity: String, mounts: [String], files: Int, bytes: Int64, sample: [String]) {
    self.volume = volume
    self.identity = identity
    self.mounts = mounts
    self.files = files
    self.bytes = bytes
    self.sample = sample
  }

  /// Walks the volume's folder. Files that vanish while it is read are not an error: the application is running.
  public static func take(of volume: String, at mountpoint: String, mounts: [String]) throws(Failure) -> VolumeInventory {
    let identity = try Files.identity(mountpoint) ?? "gone"
    var inventory = VolumeInventory(volume: volume, identity: identity, mounts: mounts.sorted(), files: 0, bytes: 0, sample: [])
    var chosen: [(hash: UInt64, path: String)] = []
    var folders = [""]
    while let folder = folders.popLast() {
      guard try Files.status("\(mountpoint)/\(folder)") != nil else { continue }
      for name in try names(in: "\(mountpoint)/\(folder)") {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        guard let status = try Files.status("\(mountpoint)/\(path)") else { continue }
        if status.kind == .directory { folders.append(path) }
        guard status.kind == .file, !Canary.isOne(name) else { continue }
        inventory.files += 1
        // Sparse files may claim more together than a number holds.
        let (sum, isTooMuch) = inventory.bytes.addingReportingOverflow(Int64(status.size))
        inventory.bytes = isTooMuch ? .max : sum
        chosen.append((hash(path), path))
        if chosen.count >= sampled * 4 { chosen = smallest(chosen) }
      }
    }
    inventory.sample = smallest(chosen).map(\.path).sorted()
    return inventory
  }

  /// How many of the sampled files are still there.
  public func surviving(at mountpoint: String) throws(Failure) -> Int {
    var count = 0
    for path in sample where try Files.status("\(mountpoint)/\(path)") != nil { count += 1 }
    return count
  }

  private static func names(in folder: String) throws(Failure) -> [String] {
    do throws(Failure) { return try Files.list(folder) } catch {
      if try Files.status(folder) == nil { return [] }
      throw error
    }
  }

  private static func smallest(_ chosen: [(hash: UInt64, path: String)]) -> [(hash: UInt64, path: String)] {
    Array(chosen.sorted { ($0.hash, $0.path) < ($1.hash, $1.path) }.prefix(sampled))
  }

  /// FNV-1a: Swift's own hash differs from process to process.
  private static func hash(_ text: String) -> UInt64 { text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } }
}

extension SnapshotStore {
  /// Whether a snapshot holds what it says.
  public struct Soundness: Sendable, Equatable, Codable {
    public var app: String
    public var version: String?
    /// Empty when all is well.
    public var problems: [String]
    public var bytes: Int
    public var files: Int
  }

  /// Checks every checksum and unpacks everything in memory. Needs no engine and no lock, and changes nothing.
  public static func verify(_ folder: ShelfFolder, tally: Tally) async throws(Failure) -> Soundness {
    var answer = Soundness(app: folder.name, version: nil, problems: [], bytes: 0, files: 0)
    let meta: SnapshotMeta
    do throws(Failure) {
      guard let found = try folder.readMeta() else {
        answer.problems = [try Files.status(folder.snapshot) == nil ? "no snapshot" : "\(folder.meta): is missing"]
        return answer
      }
      meta = found
    } catch  where error.code == .badData {
      answer.problems = [error.sentence]
      return answer
    }
    answer.version = meta.version
    for volume in meta.volumes {
      let result: Result<Void, Failure> = await PosixThread.run {
        do throws(Failure) { return .success(try check(volume, in: folder, tally)) } catch { return .failure(error) }
      }
      switch result {
      case .success:
        answer.bytes += volume.bytes
        answer.files += volume.files
      case .failure(let failure) where failure.code == .badData || failure.code == .noInput: answer.problems.append(failure.sentence)
      case .failure(let failure): throw failure
      }
    }
    if try folder.readRestoreMark() != nil { answer.problems.append("a restore was interrupted: ccci-snap restore \(folder.name)") }
    return answer
  }

  private static func check(_ volume: SnapshotMeta.Volume, in folder: ShelfFolder, _ tally: Tally) throws(Failure) {
    tally.begin("checking \(volume.name)", bytes: volume.bytes, files: volume.files)
    let path = archive(of: volume, in: folder)
    let reader = ArchiveReader(path: path, index: try index(of: volume, in: folder))
    try reader.check()
    let sink = TreeCheck(tally: tally)
    try reader.read(into: sink)
    let counts = try sink.counts()
    guard counts.files == volume.files, counts.bytes == volume.bytes else {
      throw ArchiveReader.damaged(path, "it holds \(counts.files) entries of \(counts.bytes) bytes, not \(volume.files) of \(volume.bytes)")
    }
  }

  static func archive(of volume: SnapshotMeta.Volume, in folder: ShelfFolder) -> String { "\(folder.snapshot)/volumes/\(volume.archive)" }

  /// The archive's index. One that is lost or damaged is made anew from the archive, and must be what it was.
  static func index(of volume: SnapshotMeta.Volume, in folder: ShelfFolder) throws(Failure) -> ArchiveIndex {
    let path = "\(folder.snapshot)/volumes/\(volume.index)"
    if let bytes = try Files.readIfPresent(path), SHA256.hex(bytes) == volume.sha256 {
      return try JSONCoding.decode(ArchiveIndex.self, from: bytes, path: path)
    }
    let archive = archive(of: volume, in: folder)
    let found = try ArchiveScan.index(of: archive)
    guard try SHA256.hex(JSONCoding.encode(found)) == volume.sha256 else {
      throw ArchiveReader.damaged(archive, "its checksums are not those of meta.json")
    }
    return found
  }
}

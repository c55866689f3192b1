/// `volumes/<volume>.index.json`: the frames of an archive, so that it can be checked and unpacked in parallel.
///
/// A convenience: everything in it can be found again by reading the archive from its beginning.
public struct ArchiveIndex: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  /// In the order of the archive, without gaps.
  public var frames: [Frame]

  /// One zstd frame, with the skippable one behind it that fills it up to a page.
  public struct Frame: Sendable, Equatable, Codable {
    /// Where it begins in the archive, bytes.
    public var offset: Int
    /// In the archive, bytes.
    public var size: Int
    /// Unpacked, bytes.
    public var raw: Int
    /// Of its bytes in the archive, 64 hexadecimal digits.
    public var sha256: String
    /// Number of the first entry that has a header here, or of the one whose content this is.
    public var entry: Int
    /// The frame holds nothing but content of that entry, from this byte of it on (holes not counted). nil: it begins with a header.
    public var position: Int?

    public init(offset: Int, size: Int, raw: Int, sha256: String, entry: Int, position: Int?) {
      self.offset = offset
      self.size = size
      self.raw = raw
      self.sha256 = sha256
      self.entry = entry
      self.position = position
    }
  }

  public init(frames: [Frame]) { self.frames = frames }
}

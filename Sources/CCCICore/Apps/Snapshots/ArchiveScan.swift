import Glibc

/// Finds the frames of an archive from nothing but the archive: for when its index is lost.
enum ArchiveScan {
  /// The index as the writer made it. Blocks, one thread: about as long as reading the archive.
  static func index(of path: String) throws(Failure) -> ArchiveIndex {
    let number = open(try Files.plain(path), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .file(path, "cannot be read", .last) }
    let file = Descriptor(owning: number)
    var facts = stat()
    guard fstat(file.number, &facts) == 0 else { throw .file(path, "cannot be read", .last) }
    let size = Int(facts.st_size)
    guard size > 0, let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.number, 0), start != MAP_FAILED else {
      throw ArchiveReader.damaged(path, "it is empty, or cannot be mapped")
    }
    defer { munmap(start, size) }
    return try frames(in: UnsafeRawBufferPointer(start: start, count: size), path)
  }

  private static func frames(in bytes: UnsafeRawBufferPointer, _ path: String) throws(Failure) -> ArchiveIndex {
    let zstd = try Zstd()
    let raw = PageBuffer(capacity: ArchivePlan.pieceSize)
    var index = ArchiveIndex(frames: [])
    var (place, entry, position, missing) = (0, 0, 0, 0)
    while place < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
      guard let length = Zstd.frameLength(rest), let content = Zstd.frameContent(rest) else {
        throw ArchiveReader.damaged(path, "no frame at byte \(place)")
      }
      var end = length
      // The fill behind a frame belongs to it.
      while end < rest.count, end % PageBuffer.page != 0, let fill = Zstd.frameLength(UnsafeRawBufferPointer(rebasing: rest[end...])) {
        end += fill
      }
      raw.count = 0
      try zstd.unpack(UnsafeRawBufferPointer(rebasing: rest[..<length]), size: content, into: raw)
      var hash = SHA256()
      hash.add(UnsafeRawBufferPointer(rebasing: rest[..<end]))
      var frame = ArchiveIndex.Frame(offset: place, size: end, raw: content, sha256: hash.hex, entry: entry, position: nil)
      if missing > 0 {
        (frame.entry, frame.position) = (entry - 1, position)
        position += content
        missing -= min(missing, content)
      } else {
        var reader = PaxReader(raw.bytes)
        while let found = try reader.next() {
          entry += 1
          (position, missing) = (0, found.isWhole ? 0 : found.entry.content)
        }
      }
      index.frames.append(frame)
      place += end
    }
    return index
  }
}

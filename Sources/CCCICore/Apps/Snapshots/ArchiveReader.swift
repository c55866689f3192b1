import Glibc

/// What becomes of an archive's entries. Called from many threads; entries begin in the order of the archive, and may end in any.
protocol ArchiveSink: Sendable {
  /// An entry with its content, or (`isWhole` false) the beginning of one whose content comes by itself.
  func take(_ found: PaxReader.Found, number: Int) throws(Failure)
  /// Content of an entry that has begun, or is just beginning on another thread. `bytes` lie at a page boundary.
  func take(_ bytes: UnsafeRawBufferPointer, of number: Int, at position: Int) throws(Failure)
  /// Somebody failed: nobody may wait any more.
  func abandon()
}

/// Reads an archive frame by frame, on many threads.
struct ArchiveReader {
  let path: String
  let index: ArchiveIndex

  static let threads = 8

  /// Compares the checksum of every frame, and that the frames are the whole file. Blocks. A difference is `badData`.
  func check() throws(Failure) {
    let file = try opened()
    let number = file.number
    var facts = stat()
    guard fstat(number, &facts) == 0 else { throw .file(path, "cannot be read", .last) }
    var end = 0
    for frame in index.frames {
      guard frame.offset == end, frame.size > 0 else { throw Self.damaged(path, "the index has a gap") }
      end += frame.size
    }
    guard Int(facts.st_size) == end else { throw Self.damaged(path, "it is \(facts.st_size) bytes long instead of \(end)") }
    try Crew.work(
      Self.threads,
      frames { (frame, buffer, _, _) throws(Failure) in
        try load(frame, from: number, into: buffer)
        var hash = SHA256()
        hash.add(buffer.bytes)
        guard hash.hex == frame.sha256 else { throw Self.damaged(path, "the checksum at byte \(frame.offset) is wrong") }
      })
  }

  /// Gives every entry to the sink. Blocks. The archive should have been checked before.
  func read(into sink: some ArchiveSink) throws(Failure) {
    let file = try opened()
    let number = file.number
    try Crew.work(
      Self.threads,
      frames { (frame, buffer, raw, zstd) throws(Failure) in
        do throws(Failure) {
          try load(frame, from: number, into: buffer)
          raw.count = 0
          guard let size = Zstd.frameLength(buffer.bytes) else { throw Self.damaged(path, "no frame at byte \(frame.offset)") }
          try zstd.unpack(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<size]), size: frame.raw, into: raw)
          if let position = frame.position {
            try sink.take(raw.bytes, of: frame.entry, at: position)
          } else {
            var reader = PaxReader(raw.bytes)
            var entry = frame.entry
            while let found = try reader.next() {
              try sink.take(found, number: entry)
              entry += 1
            }
          }
        } catch {
          sink.abandon()
          throw Failure(
            error.code, error.what == "an archive is damaged" ? "\(path): is damaged" : error.what, why: error.why, next: error.next)
        }
      })
  }

  /// The job of one thread: frames in their order, with buffers of its own.
  private func frames(
    _ body: @escaping @Sendable (ArchiveIndex.Frame, PageBuffer, PageBuffer, Zstd) throws(Failure) -> Void
  ) -> @Sendable (Int) throws(Failure) -> Void {
    let next = Locked(0)
    let frames = index.frames
    // At once as large as they must be: what grows leaves holes.
    let (packed, unpacked) = (frames.map(\.size).max() ?? 1, frames.map(\.raw).max() ?? 1)
    return { _ throws(Failure) in
      let zstd = try Zstd()
      let (buffer, raw) = (PageBuffer(capacity: packed), PageBuffer(capacity: unpacked))
      while true {
        let turn = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard turn < frames.count else { return }
        do throws(Failure) { try body(frames[turn], buffer, raw, zstd) } catch {
          next.withLock { $0 = frames.count }
          throw error
        }
      }
    }
  }

  private func opened() throws(Failure) -> Descriptor {
    let number = open(try Files.plain(path), O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      let error = SystemError.last
      throw .file(path, "cannot be read", error, code: error.code == ENOENT ? .noInput : .ioError)
    }
    return Descriptor(owning: number)
  }

  private func load(_ frame: ArchiveIndex.Frame, from file: Int32, into buffer: PageBuffer) throws(Failure) {
    buffer.count = 0
    buffer.reserve(frame.size)
    while buffer.count < frame.size {
      let count = pread(file, buffer.end, frame.size - buffer.count, off_t(frame.offset + buffer.count))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .file(path, "cannot be read", .last) }
      guard count > 0 else { throw Self.damaged(path, "it ends in a frame") }
      buffer.count += count
    }
  }

  static func damaged(_ path: String, _ why: String) -> Failure { Failure(.badData, "\(path): is damaged", why: why) }
}

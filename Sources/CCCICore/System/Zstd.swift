import CZstd
import Glibc

/// Zstandard frames by libzstd, level 1. One value a thread.
final class Zstd {
  private let compressor: OpaquePointer
  private let decompressor: OpaquePointer

  init() throws(Failure) {
    guard let compressor = ZSTD_createCCtx(), let decompressor = ZSTD_createDCtx() else {
      throw Failure(.ioError, "zstd: no memory")
    }
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, 1)
    self.compressor = compressor
    self.decompressor = decompressor
  }

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  /// Appends one frame that holds `source`. What does not shrink is stored as it is, which any reader of zstd understands.
  func pack(_ source: UnsafeRawBufferPointer, into target: PageBuffer) throws(Failure) {
    guard shrinks(source) else { return store(source, into: target) }
    target.reserve(ZSTD_compressBound(source.count))
    let size = ZSTD_compress2(compressor, target.end, target.capacity - target.count, source.baseAddress, source.count)
    guard ZSTD_isError(size) == 0 else { throw Self.failure("cannot be packed", size) }
    target.count += size
  }

  /// Appends what one frame holds; `size` is known beforehand, and anything else is `badData`.
  func unpack(_ frame: UnsafeRawBufferPointer, size: Int, into target: PageBuffer) throws(Failure) {
    target.reserve(size)
    let unpacked = ZSTD_decompressDCtx(decompressor, target.end, size, frame.baseAddress, frame.count)
    guard ZSTD_isError(unpacked) == 0 else { throw Self.failure("is damaged", unpacked) }
    guard unpacked == size else { throw Failure(.badData, "zstd: a frame holds \(unpacked) bytes instead of \(size)") }
    target.count += size
  }

  /// The length of the frame that `bytes` begins with; nil when it is no frame or is cut off.
  static func frameLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let size = ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count)
    return ZSTD_isError(size) == 0 ? size : nil
  }

  /// How much the frame that `bytes` begins with holds; 0 for a skippable one, nil when it does not say.
  static func frameContent(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let size = ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count)
    return size > UInt64(Int.max) ? nil : Int(size)
  }

  /// Appends a frame that readers skip, so that `target` ends at a multiple of `unit`.
  static func pad(_ target: PageBuffer, to unit: Int) {
    var missing = (unit - target.count % unit) % unit
    guard missing > 0 else { return }
    if missing < 8 { missing += unit }
    target.reserve(missing)
    memset(target.end, 0, missing)
    target.end.storeBytes(of: UInt32(0x184D_2A50).littleEndian, as: UInt32.self)
    (target.end + 4).storeBytes(of: UInt32(missing - 8).littleEndian, as: UInt32.self)
    target.count += missing
  }

  /// Tries four samples: packing all of what cannot be packed would cost more than everything else together.
  private func shrinks(_ source: UnsafeRawBufferPointer) -> Bool {
    let sample = 16 << 10
    guard source.count > 16 * sample else { return true }
    let room = ZSTD_compressBound(sample)
    return withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { scratch in
      for part in 0..<4 {
        let place = (source.count - sample) / 3 * part
        let size = ZSTD_compress2(compressor, scratch.baseAddress, room, source.baseAddress.map { $0 + place }, sample)
        if ZSTD_isError(size) != 0 || size < sample - sample / 32 { return true }
      }
      return false
    }
  }

  /// RFC 8878, 3.1.1: magic number, a descriptor with 8 bytes of content size, raw blocks of at most 128 KiB.
  private func store(_ source: UnsafeRawBufferPointer, into target: PageBuffer) {
    let block = 128 << 10
    target.reserve(13 + source.count + 3 * (source.count / block + 1))
    var header: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000]
    for shift in stride(from: 0, to: 64, by: 8) { header.append(UInt8(truncatingIfNeeded: source.count >> shift)) }
    target.append(header)
    var place = 0
    while place < source.count {
      let size = min(block, source.count - place)
      let bits = size << 3 | (place + size == source.count ? 1 : 0)
      target.append([UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits >> 16)])
      target.append(UnsafeRawBufferPointer(rebasing: source[place..<place + size]))
      place += size
    }
  }

  private static func failure(_ what: String, _ code: Int) -> Failure {
    Failure(.badData, "zstd: a frame \(what)", why: String(cString: ZSTD_getErrorName(code)).lowercased())
  }
}

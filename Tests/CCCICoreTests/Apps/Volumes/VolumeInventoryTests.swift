import CCCICore
import Glibc
import Testing

@Suite struct VolumeInventoryTests {
  /// A volume with files, folders, links, a pipe and canaries.
  private static func filled() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (path, size) in [("a", 3), (".hidden", 4), ("deep/er/b c", 5), ("deep/é\n", 0), ("deep/.ccci-canary-changed", 9)] {
      try Files.createDirectory(folder("deep/er"))
      try Files.write([UInt8](repeating: 1, count: size), to: folder(path))
    }
    try Files.symlink(folder("link"), to: "/etc")
    try Files.symlink(folder("loop"), to: folder.path)
    try #require(mkfifo(folder("pipe"), 0o600) == 0)
    return folder
  }

  @Test func `regular files are counted wherever they stand, and nothing else`() throws {
    let folder = try Self.filled()
    let inventory = try VolumeInventory.take(of: "v", at: folder.path, mounts: ["db:/x", "app:/x"])
    #expect(inventory.volume == "v" && inventory.mounts == ["app:/x", "db:/x"])
    #expect(inventory.files == 4 && inventory.bytes == 12 && inventory.sample == [".hidden", "a", "deep/er/b c", "deep/é\n"])
    #expect(try inventory.surviving(at: folder.path) == 4)
    try Files.removeTree(folder("deep"))
    try Files.write([9], to: folder("a"))
    #expect(try inventory.surviving(at: folder.path) == 2, "changed files are there, removed ones are not")
    #expect(try VolumeInventory.take(of: "v", at: folder.path, mounts: []).identity == inventory.identity, "its files may change")
  }

  @Test func `a volume that was made anew in the same place is another one`() throws {
    let folder = try TemporaryFolder()
    try Files.createDirectory(folder("v"))
    let before = try VolumeInventory.take(of: "v", at: folder("v"), mounts: [])
    try Files.removeTree(folder("v"))
    #expect(try VolumeInventory.take(of: "v", at: folder("v"), mounts: []).identity == "gone")
    usleep(20_000)
    try Files.createDirectory(folder("v"))
    let after = try VolumeInventory.take(of: "v", at: folder("v"), mounts: [])
    #expect(after.identity != before.identity && after.files == 0 && after.sample == [])
  }

  @Test func `of many files so many are sampled, the same in every inventory`() throws {
    let folder = try TemporaryFolder()
    for number in 0..<700 {
      try #require(close(open(folder("f\(number)"), O_CREAT | O_WRONLY, 0o644)) == 0)
    }
    let first = try VolumeInventory.take(of: "v", at: folder.path, mounts: [])
    #expect(first.files == 700 && first.sample.count == VolumeInventory.sampled && Set(first.sample).count == VolumeInventory.sampled)
    try Files.remove(folder(first.sample[0]))
    let second = try VolumeInventory.take(of: "v", at: folder.path, mounts: [])
    #expect(Set(first.sample).subtracting(second.sample) == [first.sample[0]], "one went, one came")
    #expect(try first.surviving(at: folder.path) == VolumeInventory.sampled - 1)
  }

  @Test func `sparse files that claim more than there is are only counted`() throws {
    let folder = try TemporaryFolder()
    var claimed: Int64 = 0
    for number in 0..<3 {
      let path = folder("big\(number)")
      try Files.write([1], to: path)
      // As much as this filesystem allows: on some a few of them are more than 64 bits hold.
      for size in [Int64.max, 1 << 60, 1 << 43, 1 << 33] where truncate(path, Int(size)) == 0 {
        claimed = claimed.addingReportingOverflow(size).overflow ? .max : claimed + size
        break
      }
    }
    let inventory = try VolumeInventory.take(of: "v", at: folder.path, mounts: [])
    #expect(inventory.files == 3 && inventory.bytes == claimed)
  }
}

@Suite struct VolumeLossTests {
  struct Case: Sendable {
    var name: String
    var isThere = true
    var isSame = true
    var before = ["app:/data"]
    var after = ["app:/data"]
    var services = ["app"]
    /// Of 4 sampled files.
    var surviving = 4
    var canaries: [Canary.State]? = [.same, .same]
    /// `kept`, `warning …` or `lost …`.
    var expected: String
  }

  static let cases = [
    Case(name: "as it was", expected: "kept"), Case(name: "gone", isThere: false, expected: "lost data lost: volume data is gone"),
    Case(name: "made anew", isSame: false, expected: "lost data lost: volume data was made anew"),
    Case(name: "mounted elsewhere", after: ["app:/new"], expected: "lost data lost: volume data is no longer mounted at app:/data"),
    Case(name: "mounted nowhere", after: [], services: [], expected: "lost data lost: volume data is no longer mounted at app:/data"),
    Case(
      name: "mounted by another, its service dropped", before: ["app:/data", "cron:/data"], after: ["app:/data"], services: ["app"],
      expected: "kept"),
    Case(
      name: "mounted by one of two that stay", before: ["app:/data", "cron:/data"], after: ["app:/data"], services: ["app", "cron"],
      expected: "lost data lost: volume data is no longer mounted at cron:/data"),
    Case(name: "mounted in one more place", after: ["app:/data", "db:/x"], expected: "kept"),
    Case(name: "never mounted", before: [], after: [], expected: "kept"),
    Case(name: "canaries gone, files there", canaries: [.gone, .gone], expected: "warning volume data: the canaries were removed"),
    Case(name: "one canary changed", canaries: [.changed, .same], expected: "warning volume data: the canaries were removed or changed"),
    Case(name: "half of the files gone", surviving: 2, canaries: [.gone, .gone], expected: "warning"),
    Case(
      name: "more than half gone", surviving: 1, canaries: [.gone, .gone],
      expected: "lost canary lost: volume data: the canaries and 3 of 4"),
    Case(name: "all gone", surviving: 0, canaries: [.gone, .gone], expected: "lost canary lost: volume data: the canaries and 4 of 4"),
    Case(name: "all files gone, canaries there", surviving: 0, expected: "kept"),
    Case(name: "no canaries, files there", surviving: 2, canaries: nil, expected: "kept"),
    Case(
      name: "no canaries, more than half gone", surviving: 1, canaries: nil, expected: "lost data lost: volume data: 3 of 4 sampled files"),
  ]

  @Test(arguments: cases)
  func `data is lost when the volume, its mount, or the canaries with most files are gone`(_ row: Case) {
    func inventory(_ identity: String, _ mounts: [String]) -> VolumeInventory {
      VolumeInventory(volume: "s_data", identity: identity, mounts: mounts, files: 9, bytes: 9, sample: ["a", "b", "c", "d"])
    }
    let facts = VolumeLoss.Facts(
      before: inventory("1", row.before), after: row.isThere ? inventory(row.isSame ? "1" : "2", row.after) : nil, surviving: row.surviving,
      canaries: row.canaries, services: row.services)
    let found =
      switch VolumeLoss.judge(facts, named: "data") {
      case .kept: "kept"
      case .warning(let words): "warning \(words)"
      case .lost(let words): "lost \(words)"
      }
    #expect(found.hasPrefix(row.expected), "\(row.name): \(found)")
  }

  @Test func `an empty volume that stays empty has lost nothing`() {
    let empty = VolumeInventory(volume: "v", identity: "1", mounts: [], files: 0, bytes: 0, sample: [])
    let facts = VolumeLoss.Facts(before: empty, after: empty, surviving: 0, canaries: nil, services: [])
    #expect(VolumeLoss.judge(facts, named: "v") == .kept)
  }
}

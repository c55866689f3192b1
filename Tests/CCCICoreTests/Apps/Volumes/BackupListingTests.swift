import Glibc
import Testing

@testable import CCCICore

@Suite struct BackupListingTests {
  /// A real archive with difficult names, listed by the real tar as the backup tier lists it.
  @Test func `the listing of a real archive is read, whatever its names`() async throws {
    let folder = try TemporaryFolder()
    let data = "volumes/s_data/_data"
    let names = [
      "plain", "with blank", " leading", "trailing ", "a -> b", "new\nline", "tab\t", "back\\slash", "é", "\u{301}mark", "x link to y",
      "\u{7}",
    ]
    try Files.createDirectory(folder("backup/\(data)/empty"))
    for (index, name) in names.enumerated() {
      let file = Descriptor(owning: open(folder("backup/\(data)/\(name)"), O_CREAT | O_WRONLY, 0o644))
      try file.write([UInt8](repeating: 1, count: index + 1))
    }
    try Files.symlink(folder("backup/\(data)/link"), to: "a -> c")
    try #require(link(folder("backup/\(data)/plain"), folder("backup/\(data)/z-hard")) == 0)
    let tar = "tar --create --gzip --file - ./volumes | tar --list --verbose --numeric-owner --full-time --quoting-style=escape --gzip"
    let result = try await shell("export LC_ALL=C.UTF-8; cd '\(folder("backup"))' && \(tar)")
    try #require(result.ok, "\(result.errorText)")
    let listing = BackupListing(result.text)
    let files = Dictionary(listing.entries.filter(\.isFile).map { (Array($0.path.utf8), $0.size) }) { first, _ in first }
    for (index, name) in names.enumerated() { #expect(files[Array("\(data)/\(name)".utf8)] == Int64(index + 1), "\(name)") }
    #expect(files[Array("\(data)/z-hard".utf8)] == 1 && files.count == names.count + 1)
    #expect(listing.entries.contains { $0.path == "\(data)/empty" && !$0.isFile })
    #expect(listing.entries.contains { $0.path == "\(data)/link" && !$0.isFile } && listing.entries.count == names.count + 6)
  }

  @Test(arguments: [
    "", "tar: broken", "-rw-r--r-- 0/0 x 2025-03-01 12:00:00 a", "-rw-r--r-- 0/0 1 2025-03-01", "\n\n",
    "crw-r--r-- 0/0 1,3 2025-03-01 12:00:00 null",
  ])
  func `what is no entry is passed over`(text: String) {
    #expect(BackupListing(text).entries.isEmpty)
  }

  static let listing = BackupListing(
    """
    drwxr-xr-x 0/0 0 2025-03-01 12:00:00 backup/volumes/s_data/_data/
    drwxr-xr-x 0/0 0 2025-03-01 12:00:00 backup/volumes/s_data/_data/up/
    -rw-r--r-- 0/0 5 2025-03-01 12:00:00 backup/volumes/s_data/_data/up/a b
    -rw-r--r-- 0/0 0 2025-03-01 12:00:00 backup/volumes/s_data/_data/empty.sql
    -rw-r--r-- 0/0 9 2025-03-01 12:00:00 backup/volumes/s_data/_data/dump.sql
    drwxr-xr-x 0/0 0 2025-03-01 12:00:00 backup/volumes/s_data/_data/dumps/
    -rw-r--r-- 0/0 9 2025-03-01 12:00:00 backup/volumes/s_data/_data/dumps/1.gz
    drwxr-xr-x 0/0 0 2025-03-01 12:00:00 backup/volumes/s_bare/_data/
    lrwxrwxrwx 0/0 0 2025-03-01 12:00:00 backup/volumes/s_data/_data/link -> dump.sql
    -rw-r--r-- 0/0 7 2025-03-01 12:00:00 /var/lib/other/file
    -rw-r--r-- 0/0 7 2025-03-01 12:00:00 ./plain\\\\name
    """)

  @Test(arguments: [
    ("s_data", "", 3, true, nil), ("s_data", "up", 1, true, nil), ("s_data", "dump.sql", 1, false, nil), ("s_data", "dumps", 0, false, nil),
    ("s_bare", "", 0, true, nil), ("s_bare", "", 2, true, "holds 2 files, and none of them is in the snapshot"),
    ("s_data", "none", 1, true, "is not in the snapshot"), ("s_data", "none", 0, false, "is not in the snapshot"),
    ("s_dat", "", 0, true, "is not in the snapshot"), ("s_data", "u", 0, true, "is not in the snapshot"),
    ("s_none", "", 0, true, "is not in"),
    ("s_data", "empty.sql", 1, false, "is empty in the snapshot"), ("s_data", "link", 1, false, "is empty in the snapshot"),
    (nil, "var/lib/other/file", 0, false, nil), (nil, "var/lib/other", 1, true, nil),
    (nil, "var/lib/oth", 0, false, "is not in the snapshot"),
    (nil, "lib/other/file", 0, false, nil), (nil, "plain\\name", 0, false, nil), (nil, "", 0, false, "is not in the snapshot"),
  ])
  func `a label's path is in the snapshot, with something in it`(
    volume: String?, path: String, files: Int, isDirectory: Bool, words: String?
  ) {
    let target = BackupTarget(service: "app", volume: volume, path: path, label: "backupbot.backup.path=/\(path)")
    let finding = Self.listing.covers(target, volume: volume, liveFiles: files, isDirectory: isDirectory)
    #expect(finding.outcome == (words == nil ? .pass : .fail))
    #expect(
      words == nil || finding.because.hasPrefix("backup incomplete: app: backupbot.backup.path=/\(path) \(words ?? "")"), "\(finding)")
    #expect(words == nil || finding.reason == .backupIncomplete)
  }
}

import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct SnapshotWordsTests {
  @Test(arguments: [
    ("warm-notes.ci.example.org", "notes"), ("warm-canon-keycloak.ci.example.org", "canon-keycloak"),
    ("keycloak.ci.example.org", "keycloak"),
    ("warm-custom-html.ci.example.org", "custom-html"),
  ])
  func `an app's folder is its first label without warm-`(domain: String, name: String) {
    #expect(ShelfFolder(shelf: "/shelf", domain: AppDomain(domain)).path == "/shelf/\(name)")
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1 << 20, "1 MiB"), ((1 << 20) - 1, "1 MiB"), (28 << 30, "28 GiB"),
    (123_456_789, "118 MiB"), (-5, "0 B"),
  ])
  func `bytes as people read them`(bytes: Int, text: String) { #expect(ByteText.of(bytes) == text) }

  @Test func `progress says bytes, files and rate`() {
    var count = Tally.Count()
    (count.doing, count.bytes, count.totalBytes, count.files, count.totalFiles) = ("saving data", 512 << 20, 2 << 30, 7, 90)
    #expect(SnapProgress.text(count, rate: 100 * 1_048_576) == "saving data: 512 MiB of 2 GiB, 7 of 90 files, 100 MiB/s")
    (count.totalBytes, count.files, count.totalFiles) = (0, 0, 0)
    #expect(SnapProgress.text(count, rate: 0) == "saving data: 512 MiB, 0 B/s")
  }

  @Test func `a secret is lost when it is gone or another has its name`() {
    let secret = { SnapshotMeta.Secret(name: $0, id: $1) }
    let meta = SnapshotMeta(
      id: "1", recipe: "r", domain: "d", version: "v", commit: nil, taken: Date(timeIntervalSince1970: 0), env: "",
      secrets: [secret("a", "1"), secret("b", "2"), secret("c", "3")], volumes: [])
    #expect(meta.lostSecrets(among: [secret("a", "1"), secret("b", "9"), secret("d", "3")]) == ["b", "c"])
    #expect(meta.lostSecrets(among: meta.secrets + [secret("new", "4")]) == [])
  }

  @Test func `an access list in the words of other archivers`() {
    let entry = { (tag: UInt8, mode: UInt8, id: [UInt8]) in [tag, 0, mode, 0] + id }
    let none: [UInt8] = [255, 255, 255, 255]
    let bytes =
      [2, 0, 0, 0] + entry(1, 6, none) + entry(2, 7, [0xe8, 3, 0, 0]) + entry(4, 4, none) + entry(16, 7, none) + entry(32, 0, none)
    #expect(AccessList.text(bytes) == "user::rw-,user:1000:rwx,group::r--,mask::rwx,other::---")
    #expect(AccessList.text(Array(bytes.dropLast())) == nil)
    #expect(AccessList.text([1, 0, 0, 0]) == nil)
  }

  @Test func `a crew does everything once, and ends with the first failure`() throws {
    let done = Locked<[Int]>([])
    try Crew.each(1000, threads: 8) { index throws(Failure) in done.withLock { $0.append(index) } }
    #expect(done.withLock { $0.sorted() } == Array(0..<1000))
    let begun = Locked(0)
    let failure = #expect(throws: Failure.self) {
      try Crew.each(100_000, threads: 8) { index throws(Failure) in
        begun.withLock { $0 += 1 }
        if index == 50 { throw Failure(.ioError, "fifty") }
      }
    }
    #expect(failure?.what == "fifty")
    #expect(begun.withLock { $0 } < 100_000)
  }
}

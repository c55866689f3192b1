import FoundationEssentials
import Testing

@testable import CCCICore

@Suite struct RunClaimTests {
  @Test func `of many at once one gets the claim, and the others are told who`() async throws {
    let folder = try TemporaryFolder(inMemory: true)
    for round in 0..<20 {
      let key = "git.example.org/recipes/notes#12@\(round)"
      let winners = await withTaskGroup(of: String?.self) { group in
        for number in 0..<8 {
          group.addTask {
            do throws(Failure) {
              let claim = RunClaim(key: key, run: "d\(number)", build: number, at: Records.start)
              return try claim.claim(runs: folder.path)?.run ?? "mine d\(number)"
            } catch { return nil }
          }
        }
        var found: [String] = []
        for await name in group { found.append(name ?? "failed") }
        return found
      }
      let mine = winners.filter { $0.hasPrefix("mine ") }
      let winner = try #require(mine.first)
      #expect(mine.count == 1 && Set(winners) == [winner, String(winner.dropFirst(5))])
      #expect(try RunClaim.read(runs: folder.path, key: key)?.run == String(winner.dropFirst(5)))
    }
    #expect(try Files.list(folder("claims")).count == 20, "no drafts are left")
  }

  @Test func `keys that look alike in a file's name are two`() throws {
    let folder = try TemporaryFolder(inMemory: true)
    for key in ["a/b#1@2", "a/b@1#2", "a_b_1_2", "../../x", String(repeating: "a", count: 200), String(repeating: "a", count: 199) + "b"] {
      let path = RunClaim.path(runs: folder.path, key: key)
      #expect(path.split(separator: "/").last.map { $0.utf8.count < 200 && !$0.hasPrefix(".") } == true && !path.contains(".."))
      #expect(try RunClaim(key: key, run: "d1", build: 1, at: Records.start).claim(runs: folder.path) == nil)
    }
    #expect(try Files.list(folder("claims")).count == 6)
    try RunClaim.forget(runs: folder.path, before: Date(timeIntervalSinceNow: 60))
    #expect(try Files.list(folder("claims")).isEmpty)
  }

  @Test func `a claim that is no JSON is said, and not taken for none`() throws {
    let folder = try TemporaryFolder(inMemory: true)
    try Files.createDirectory(folder("claims"))
    try Files.write(Array("{".utf8), to: RunClaim.path(runs: folder.path, key: "k"))
    let failure = #expect(throws: Failure.self) { try RunClaim(key: "k", run: "d1", build: 1, at: Records.start).claim(runs: folder.path) }
    #expect(failure?.code == .badData)
  }
}

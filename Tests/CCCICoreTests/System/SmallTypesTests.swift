import CCCICore
import FoundationEssentials
import Glibc
import Testing

@Suite struct SmallTypesTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func `a hash is that of the standard`(text: String, hex: String) {
    #expect(SHA256.hex(text) == hex)
    #expect(SHA256.hex(text) == SHA256.hex(Array(text.utf8)))
  }

  @Test func `a hash in pieces is the hash of the whole, and may be looked at in between`() {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    var hash = SHA256()
    for start in stride(from: 0, to: bytes.count, by: 777) {
      hash.add(Array(bytes[start..<min(start + 777, bytes.count)]))
      _ = hash.hex
    }
    #expect(hash.hex == SHA256.hex(bytes))
  }

  @Test(arguments: [
    ("key", "The quick brown fox jumps over the lazy dog", "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"),
    ("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ])
  func `a keyed hash is that of the standard`(key: String, text: String, hex: String) {
    let digest = SHA256.hmac(key: Array(key.utf8), Array(text.utf8))
    #expect(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == hex)
  }

  @Test func `random names have the asked length and differ`() {
    let names = Set((0..<1000).map { _ in RandomID.hex(12) })
    #expect(names.count == 1000)
    #expect(names.allSatisfy { $0.count == 12 && $0.allSatisfy(\.isHexDigit) && $0 == $0.lowercased() })
    #expect(RandomID.hex(0) == "")
  }

  @Test(arguments: [
    ("deadlnie", "deadline"), ("Retention", "retention"), ("retnetion", "retention"), ("disk_flor", "disk_floor"), ("zzz", nil), ("", nil),
    ("cap", nil), ("deadlin", "deadline"),
  ])
  func `the nearest name is found, and none where none is near`(typed: String, expected: String?) {
    #expect(Nearest.name(to: typed, among: ["deadline", "retention", "disk_floor", "capacity"]) == expected)
  }

  @Test func `a locked value is touched by one thread at a time`() async {
    let sum = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { for _ in 0..<5_000 { sum.withLock { $0 += 1 } } } }
    }
    #expect(sum.withLock { $0 } == 40_000)
    #expect(throws: Failure.cancelled) { try sum.withLock { _ throws(Failure) in throw Failure.cancelled } }
  }

  @Test(arguments: [
    (ENOSPC, "no space left"), (EDQUOT, "no space left"), (EACCES, "permission denied"), (ENOENT, "no such file or directory"),
    (EIO, "input/output error"), (EMFILE, "too many open files"),
  ])
  func `system errors are in lower case`(code: Int32, words: String) {
    #expect(SystemError(code).words == words)
  }

  @Test func `the live host waits, tells the time, and stops waiting when cancelled`() async throws {
    let host = Host.live()
    let before = host.now()
    try await host.sleep(.milliseconds(30))
    #expect(host.now().timeIntervalSince(before) >= 0.03)
    let task = Task { try await host.sleep(.seconds(60)) }
    task.cancel()
    await #expect(throws: Failure.cancelled) { try await task.value }
    #expect(try await host.run(Command("/bin/true", environment: [:], limit: .seconds(5))).ok)
    await #expect(throws: HTTPError.self) { try await host.send(HTTPRequest(.get, "http://127.0.0.1:1/")) }
  }
}

@Suite(.serialized) struct SignalGateTests {
  @Test func `the first signal is obeyed once, later ones are counted`() async throws {
    let gate = try SignalGate.install([SIGUSR1, SIGUSR2])
    let heard = Locked<[Int32]>([])
    gate.onFirst { number in heard.withLock { $0.append(number) } }
    #expect(gate.first == nil)
    kill(getpid(), SIGUSR2)
    while gate.count < 1 { try await Task.sleep(for: .milliseconds(2)) }
    kill(getpid(), SIGUSR1)
    kill(getpid(), SIGUSR2)
    while gate.count < 3 { try await Task.sleep(for: .milliseconds(2)) }
    #expect(gate.first == SIGUSR2)
    gate.onFirst { number in heard.withLock { $0.append(number + 100) } }
    #expect(heard.withLock { $0 } == [SIGUSR2, SIGUSR2 + 100])
    // SIGPIPE would kill us here.
    raise(SIGPIPE)
  }
}

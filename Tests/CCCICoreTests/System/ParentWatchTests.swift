import CCCICore
import Glibc
import Testing

@Suite("Durations, accounts and parents")
struct ParentWatchTests {
  @Test(
    "a duration is written with its largest whole unit, and read back as the same",
    arguments: [("52m", 3120.0), ("25h", 90_000), ("90d", 7_776_000), ("90s", 90), ("1500ms", 1.5), ("0ms", 0)])
  func durations(_ text: String, _ seconds: Double) {
    #expect(DurationText.format(.seconds(seconds)) == text)
    #expect(DurationText.parse(text) == .seconds(seconds))
  }

  @Test("the home of the account is the system's, whatever HOME says")
  func home() {
    #expect(getuid() != 0 || Account.home == "/root")
  }

  @Test("the end of the parent's process is noticed, and not that of its thread")
  func parent() throws {
    let called = Locked(false)
    let watch = try ParentWatch { called.withLock { $0 = true } }
    #expect(watch.parent == getppid() && !watch.hasEnded)
    #expect(!called.withLock { $0 })
  }

  @Test(
    "what would make every program of a run do something else is refused by name",
    arguments: ["LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_KEY_0"])
  func environment(_ name: String) throws {
    try Preflight.checkEnvironment(["PATH": "/bin", "HOME": "/root", "GIT_TERMINAL_PROMPT": "0"])
    let failure = #expect(throws: Failure.self) { try Preflight.checkEnvironment(["PATH": "/bin", name: "x"]) }
    #expect(failure?.code == .config && failure?.what == "\(name): is set from outside")
  }
}

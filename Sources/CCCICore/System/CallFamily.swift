import Glibc

/// The processes of one call: those with its mark in their environment, and those still in the session that its program leads.
///
/// Valid until the program is reaped; after that its number may be anybody's.
struct CallFamily: Sendable {
  /// The variable that marks a call, beside the run's `CCCI_COOKIE`.
  static let variable = "CCCI_CALL"

  /// The program's process, group and session.
  let leader: Int32
  private let mark: ProcessMark

  init(leader: Int32, cookie: String) {
    self.leader = leader
    mark = ProcessMark(variable: Self.variable, value: cookie)
  }

  /// Asks everybody to end: the group at once, then whoever left it.
  func terminate() {
    Glibc.kill(-leader, SIGTERM)
    for process in ProcessFamily.all(belongs) ?? [] where getpgid(process) != leader { ProcessFamily.signal(process, SIGTERM, belongs) }
  }

  /// False also when we cannot see.
  var isEmpty: Bool { ProcessFamily.all(belongs)?.isEmpty == true }

  /// Kills everybody; answers how many beside the program itself.
  func kill() -> Int {
    let killed = ProcessFamily.kill(belongs)
    return killed.subtracting([leader]).count
  }

  private func belongs(_ process: Int32) -> Bool {
    mark.matches(process) || (getsid(process) == leader && isAlive(process))
  }

  /// Zombies keep their session; they need no killing.
  private func isAlive(_ process: Int32) -> Bool {
    let number = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return false }
    let file = Descriptor(owning: number)
    do {
      // `4711 (a (name)) S …`: the name may hold anything, so the state stands behind the last bracket.
      let text = try file.readAll()
      guard let bracket = text.lastIndex(of: UInt8(ascii: ")")), bracket + 2 < text.count else { return false }
      return ![UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(text[bracket + 2])
    } catch {
      return false
    }
  }
}

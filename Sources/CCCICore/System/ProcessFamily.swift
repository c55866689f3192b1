import Glibc

/// Processes that belong together because the environment they started with carries the same mark.
///
/// A mark outlives double forks and new sessions. It is lost by a program that starts another with an environment of its own making,
/// and hidden by one that writes over its environment (servers that change their title).
public enum ProcessFamily {
  /// By this variable everything that a run has started is found again.
  public static let variable = "CCCI_COOKIE"

  /// Kills (SIGKILL) every process of a run until a scan finds none, ourselves excepted.
  ///
  /// Answers how many. Blocks, for a few milliseconds as a rule; gives up after five seconds, as a process in uninterruptible
  /// sleep cannot be killed.
  @discardableResult
  public static func kill(cookie: String) -> Int { kill(variable: variable, value: cookie) }

  @discardableResult
  public static func kill(variable: String, value: String) -> Int {
    let mark = ProcessMark(variable: variable, value: value)
    return kill(mark.matches).count
  }

  /// The living processes with `variable=value` in their environment, ourselves excepted.
  public static func members(variable: String, value: String) -> [Int32] {
    all(ProcessMark(variable: variable, value: value).matches) ?? []
  }

  /// The living processes that `belongs` picks, ourselves excepted; nil when we cannot see (no descriptor left, no `/proc`).
  static func all(_ belongs: (Int32) -> Bool) -> [Int32]? {
    let number = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let ourselves = getpid()
    do {
      return try Files.names(in: number).compactMap { Int32($0) }.filter { $0 != ourselves && belongs($0) }
    } catch {
      return nil
    }
  }

  /// Kills what `belongs` picks until it picks nothing; answers whom.
  static func kill(_ belongs: (Int32) -> Bool) -> Set<Int32> {
    let end = ContinuousClock.now + .seconds(5)
    var killed: Set<Int32> = []
    while true {
      let found = all(belongs)
      for process in found ?? [] where signal(process, SIGKILL, belongs) { killed.insert(process) }
      if found?.isEmpty == true || ContinuousClock.now > end { return killed }
      usleep(2_000)
    }
  }

  /// Signals a process that still belongs: its number may meanwhile be another's, its handle cannot.
  @discardableResult
  static func signal(_ process: Int32, _ number: Int32, _ belongs: (Int32) -> Bool) -> Bool {
    guard let handle = ProcessHandle(process) else { return false }
    return belongs(process) && handle.signal(number)
  }
}

public import FoundationEssentials

/// How long a host that does not answer is left alone.
public enum BackOff {
  /// Seconds: 30, 60, … 480, the half of it by chance.
  ///
  /// - Parameters:
  ///   - failures: in a row, from 1.
  ///   - chance: 0…1.
  public static func pause(after failures: Int, chance: Double) -> Double {
    let whole = min(480, 30 * Double(1 << min(max(failures - 1, 0), 10)))
    return whole / 2 + whole / 2 * min(max(chance, 0), 1)
  }

  /// The health after one more failure. A single answer of 5xx may be about one thing only: it costs nothing yet.
  public static func failed(_ old: PollMemory.Health?, _ says: String, isSilent: Bool, now: Date, chance: Double) -> PollMemory.Health {
    // What was on its way when the pause began is no failure of its own.
    if let old, let until = old.until, until > now { return old }
    let failures = (old?.failures ?? 0) + 1
    let counted = isSilent ? failures : failures - 1
    return PollMemory.Health(
      failures: failures, until: counted > 0 ? now.addingTimeInterval(pause(after: counted, chance: chance)) : nil, says: says,
      since: old?.since ?? now)
  }
}

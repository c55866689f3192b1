/// Whether a version has held through its soak time. Pure.
public enum HealthGate {
  /// One look at the app.
  public struct Sample: Sendable, Equatable {
    /// Since the watch began.
    public var at: Duration
    /// What was wrong; nil when all was well.
    public var problem: String?

    public init(at: Duration, problem: String? = nil) {
      self.at = at
      self.problem = problem
    }
  }

  public enum Decision: Sendable, Equatable {
    case wait
    case healthy
    case unhealthy(String)
  }

  /// So many bad looks in a row are no accident of the network.
  public static let tolerance = 3

  /// - Parameter samples: in the order in which they were taken.
  public static func decide(_ samples: [Sample], soak: Duration) -> Decision {
    let bad = samples.reversed().prefix { $0.problem != nil }
    if bad.count >= tolerance, let problem = samples.last?.problem { return .unhealthy(problem) }
    guard let last = samples.last, last.problem == nil, last.at >= soak else { return .wait }
    return .healthy
  }
}

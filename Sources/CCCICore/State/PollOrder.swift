/// What a comment asks for, as its trigger keeps it.
public struct PollOrder: Sendable, Equatable, Hashable, Codable {
  public enum Verb: String, Sendable, Equatable, Hashable, Codable, CaseIterable {
    case testme, status, cancel, help
    /// `!testme` with something behind it that is no flag.
    case unclear
  }

  public var verb: Verb
  public var quick = false
  public var extra = false
  /// nil: all of them.
  public var tiers: [Tier]?

  public init(_ verb: Verb, quick: Bool = false, extra: Bool = false, tiers: [Tier]? = nil) {
    self.verb = verb
    self.quick = quick
    self.extra = extra
    self.tiers = tiers
  }

  /// The flags as somebody would type them: ` --quick --tiers install,upgrade`; empty without any.
  public var flags: String {
    (quick ? " --quick" : "") + (extra ? " --extra-tests" : "")
      + (tiers.map { " --tiers \($0.map(\.rawValue).joined(separator: ","))" } ?? "")
  }
}

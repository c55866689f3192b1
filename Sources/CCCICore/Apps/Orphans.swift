public import FoundationEssentials

/// Which apps a dead run left behind. Pure: a name only nominates, a proof convicts, and a held lock acquits.
public enum Orphans {
  /// One app that might be left over.
  public struct Candidate: Sendable, Equatable {
    public var domain: AppDomain
    /// `CCCI_OWNER` of its `.env`.
    public var mark: String?
    /// The record that the mark names, or that lists the app.
    public var record: RunRecord?
    /// Who holds its lock; nil when it is free.
    public var heldBy: String?

    public init(domain: AppDomain, mark: String? = nil, record: RunRecord? = nil, heldBy: String? = nil) {
      self.domain = domain
      self.mark = mark
      self.record = record
      self.heldBy = heldBy
    }
  }

  public enum Decision: Sendable, Hashable {
    /// Ours, and nobody holds its lock.
    case reap
    case alive(by: String, isOld: Bool)
    case kept(until: Date)
    /// Ours, but younger than the host's own floor.
    case young
    /// It looks like ours and nothing proves it: never touched.
    case foreign
  }

  /// What the decisions depend on beside the candidate.
  public struct Rules: Sendable, Hashable {
    /// The id of this installation.
    public var instance: String
    public var now: Date
    /// A run's deadline in seconds: a live one older than twice that is warned about.
    public var deadline: Double
    /// `CCCI_JANITOR_MAX_AGE` in seconds: a floor on top, for hosts that want one.
    public var youngest: Double

    public init(instance: String, now: Date, deadline: Double, youngest: Double = 0) {
      self.instance = instance
      self.now = now
      self.deadline = deadline
      self.youngest = youngest
    }
  }

  public static func judge(_ candidate: Candidate, _ rules: Rules) -> Decision {
    let isMarked = candidate.mark?.split(separator: "/").first.map(String.init) == rules.instance
    // Another installation's mark acquits, whatever a record of ours says of that domain.
    let isListed = candidate.mark == nil && candidate.record?.apps.contains(candidate.domain.text) == true
    guard isMarked || isListed else { return .foreign }
    let age = candidate.record.map { rules.now.timeIntervalSince($0.started) } ?? .infinity
    if let holder = candidate.heldBy { return .alive(by: holder, isOld: age > 2 * rules.deadline && age < .infinity) }
    if let until = candidate.record?.keepUntil, until > rules.now { return .kept(until: until) }
    return age < rules.youngest ? .young : .reap
  }

  /// Whether a domain has the form of a run's app: `<1 to 4>-<6 hex>.<zone>`. `warm-` is a canonical's, whatever its recipe is called.
  public static func looksLikeOurs(_ domain: String, zone: String) -> Bool {
    guard domain.hasSuffix(".\(zone)") else { return false }
    let label = domain.dropLast(zone.count + 1)
    guard let dash = label.lastIndex(of: "-") else { return false }
    let digits = label[label.index(after: dash)...]
    return !label.contains(".") && label[..<dash] != "warm" && (1...4).contains(label[..<dash].count) && digits.count == 6
      && digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}

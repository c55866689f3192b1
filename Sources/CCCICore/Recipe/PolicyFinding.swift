/// One thing in a recipe's compose files that the policy does not accept by itself.
public struct PolicyFinding: Sendable, Hashable {
  /// Who may accept it all the same.
  public enum Grace: Int, Sendable, Hashable, Comparable {
    /// The newest published release, by doing the same; or an `[[allow]]` entry.
    case release
    /// An `[[allow]]` entry only: whether it reaches beyond the app cannot be told from its text.
    case entry
    /// Nobody: another app's host, another stack's data, a file outside of the recipe, a name that swarm refuses.
    case never

    public static func < (left: Grace, right: Grace) -> Bool { left.rawValue < right.rawValue }
  }

  /// The service's name; for the rest with a word that no service is called by: `volume data`, `network proxy`, `top level`, `app environment`.
  public var subject: String
  /// The keys that lead to it, joined by dots: `deploy.mode`, `deploy.labels.traefik.http.routers.x.rule`. Items of a list share its key.
  public var key: String
  public var value: String
  public var why: String
  public var grace: Grace
  /// The way out where no entry helps; may be empty.
  public var hint: String

  public init(_ subject: String, _ key: String, _ value: String, why: String, grace: Grace = .release, hint: String = "") {
    self.subject = subject
    self.key = key
    self.value = value
    self.why = why
    self.grace = grace
    self.hint = hint
  }

  /// What an entry must say and a release must do.
  public struct Identity: Sendable, Hashable {
    var subject: String
    var key: String
    var value: String
  }

  public var identity: Identity { Identity(subject: subject, key: key, value: value) }

  /// `app: volumes = "/etc:/x"`, on one line and of bearable length.
  public var place: String {
    let shown = value.count > 200 ? "\(value.prefix(200))…" : value
    return "\(subject): \(key) = \(PolicyAllowance.quoted(shown))"
  }

  /// `app: volumes = "/etc:/x": is a path of this host`.
  public var sentence: String { "\(place): \(why)" }

  /// Without those said before; where one place is found twice, the stricter finding stays.
  static func unique(_ findings: [PolicyFinding]) -> [PolicyFinding] {
    var order: [Identity] = []
    var strictest: [Identity: PolicyFinding] = [:]
    for finding in findings {
      if let known = strictest[finding.identity], known.grace >= finding.grace { continue }
      if strictest.updateValue(finding, forKey: finding.identity) == nil { order.append(finding.identity) }
    }
    return order.compactMap { strictest[$0] }
  }
}

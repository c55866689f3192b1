/// What of a deployed app is not as the settings and its release have it. Pure.
public enum Drift {
  /// One service, as the release has it and as it runs.
  public struct Service: Sendable, Equatable {
    public var name: String
    public var image: String

    public init(name: String, image: String) {
      self.name = name
      self.image = image
    }
  }

  public struct Facts: Sendable {
    /// Keys and values that the settings ask for, filled in.
    public var wanted: [String: String] = [:]
    /// The app's `.env`.
    public var env: [String: String] = [:]
    /// Docker's names of the secrets that the settings name.
    public var secrets: [String] = []
    public var presentSecrets: [String] = []
    /// By the release's compose files.
    public var released: [Service] = []
    public var deployed: [Service] = []
    /// Deployed from a checkout instead of a release.
    public var isChaos = false
    /// What swarm or the health path said; nil when all is well.
    public var problem: String?

    public init() {}
  }

  /// How the reason begins that is no difference but a lack of health.
  static let unhealthy = "not healthy: "

  public static func reasons(_ facts: Facts) -> [String] {
    var reasons = facts.wanted.filter { facts.env[$0.key] != $0.value }.keys.sorted().map { ".env: \($0) is not as in the settings" }
    reasons += facts.secrets.filter { !facts.presentSecrets.contains($0) }.map { "secret \($0) is not there" }
    if facts.isChaos { reasons.append("deployed from a checkout, not from its release") }
    for service in facts.released {
      guard let deployed = facts.deployed.first(where: { $0.name == service.name }) else {
        reasons.append("service \(service.name) is missing")
        continue
      }
      if bare(deployed.image) != bare(service.image) { reasons.append("service \(service.name) runs \(bare(deployed.image))") }
    }
    for service in facts.deployed where !facts.released.contains(where: { $0.name == service.name }) {
      reasons.append("service \(service.name) is not of this release")
    }
    if let problem = facts.problem { reasons.append("\(unhealthy)\(problem)") }
    return reasons
  }

  /// Swarm adds the digest that it resolved, and the tag that is meant without one.
  private static func bare(_ image: String) -> String {
    let name = String(image.prefix { $0 != "@" })
    return name.split(separator: "/").last?.contains(":") == true ? name : "\(name):latest"
  }
}

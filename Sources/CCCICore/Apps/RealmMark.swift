/// The attributes that say whose a realm is: a name alone only nominates.
public struct RealmMark: Sendable, Equatable {
  /// The id of the installation.
  public var instance: String
  public var run: String
  /// The app whose lock the run holds.
  public var app: String

  /// - Parameter owner: `<instance id>/<run id>`.
  public init(owner: String, app: String) {
    instance = Self.instance(of: owner)
    run = owner.split(separator: "/").last.map(String.init) ?? ""
    self.app = app
  }

  /// nil for a realm that carries no mark of ours.
  public init?(_ attributes: [String: String]) {
    guard let run = attributes["ccci.run"], let instance = attributes["ccci.instance"], let app = attributes["ccci.app"] else { return nil }
    (self.run, self.instance, self.app) = (run, instance, app)
  }

  public var attributes: [String: String] { ["ccci.run": run, "ccci.instance": instance, "ccci.app": app] }

  public static func instance(of owner: String) -> String { owner.split(separator: "/").first.map(String.init) ?? "" }
}

/// The JSON files that overlays and hooks read: written once, before the first of them is called.
struct OverlayContext: Encodable {
  var recipe: String
  var domain: String
  var zone: String
  var healthPath: String
  var healthOK: [Int]
  /// Seconds.
  var deployTimeout: Int
  var httpTimeout: Int
  /// Keys of `recipe.toml` that are not at their default, as text.
  var settings: [String: String]

  enum CodingKeys: String, CodingKey {
    case recipe, domain, zone, settings
    case healthPath = "health_path"
    case healthOK = "health_ok"
    case deployTimeout = "deploy_timeout"
    case httpTimeout = "http_timeout"
  }

  init(_ plan: RunPlan, zone: String) {
    recipe = plan.recipe.text
    domain = plan.domain.text
    self.zone = zone
    healthPath = plan.settings.healthPath
    healthOK = plan.settings.healthOK
    deployTimeout = Int(plan.settings.deployTimeout.seconds)
    httpTimeout = Int(plan.settings.httpTimeout.seconds)
    settings = plan.settings.notAtDefault
  }

  func write(to path: String) throws(Failure) { try Files.write(JSONCoding.encode(self), to: path) }

  /// With the other two files that overlays find, which have nothing to say yet.
  func begin(_ directory: RunDirectory) throws(Failure) {
    try write(to: directory.meta)
    try Files.write(Array("{}\n".utf8), to: directory.opState)
    try Files.write(Array("{}\n".utf8), to: directory.deps, mode: 0o600)
  }
}

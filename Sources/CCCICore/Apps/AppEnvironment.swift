/// The app's `.env`: what cc-ci sets in it, and what compose is interpolated from.
public struct AppEnvironment: Sendable {
  public let path: String
  public let recipe: RecipeName
  public let domain: AppDomain

  public init(path: String, recipe: RecipeName, domain: AppDomain) {
    self.path = path
    self.recipe = recipe
    self.domain = domain
  }

  /// Settings of every test app. Certificates are never requested: the wildcard certificate serves by name. abra takes the stack's name from
  /// here when it stands here: a recipe's sample must not lead it to somebody else's.
  public func always(owner: String, deployTimeout: Duration) -> [(String, String)] {
    [
      ("TYPE", recipe.text), ("DOMAIN", domain.text), ("LETS_ENCRYPT_ENV", ""), ("TIMEOUT", String(Int(deployTimeout.seconds))),
      ("STACK_NAME", domain.stack), ("CCCI_OWNER", owner),
    ]
  }

  /// Writes keys into the file in place. The values may use `{domain}`, `{zone}` and `{recipe}`.
  public func set(_ values: [(String, String)], zone: String) throws(Failure) {
    var file = EnvFile(String(decoding: try Files.read(path), as: UTF8.self))
    for (key, value) in values { file.set(key, EnvTemplate.filled(value, domain: domain, zone: zone, recipe: recipe)) }
    try Files.write(Array(file.text.utf8), to: path, mode: 0o600)
  }

  /// Adds the keys of a newer `.env.sample` that the app does not have yet, as an operator would at an upgrade. Returns their names.
  public func adopt(sample: String) throws(Failure) -> [String] {
    guard let bytes = try Files.readIfPresent(sample) else { return [] }
    var file = EnvFile(String(decoding: try Files.read(path), as: UTF8.self))
    let newer = EnvFile(String(decoding: bytes, as: UTF8.self))
    let present = Set(file.keys)
    let fresh = newer.keys.filter { !present.contains($0) }
    guard !fresh.isEmpty else { return [] }
    // Whole lines: abra reads from the comment how a secret is made, or that it is not.
    for key in fresh { file.take(key, from: newer) }
    try Files.write(Array(file.text.utf8), to: path, mode: 0o600)
    return fresh
  }

  public func values() throws(Failure) -> [String: String] { EnvFile(String(decoding: try Files.read(path), as: UTF8.self)).values }

  /// What compose sees of an app: the recipe's exports over its `.env`, as abra merges them, and the stack's name.
  public func interpolation(checkout: String) throws(Failure) -> [String: String] {
    try Self.merged(try values(), checkout: checkout, domain: domain)
  }

  /// The same before there is an app: the sample with our own settings over it.
  public static func preview(
    sample: String, over settings: [(String, String)], checkout: String, domain: AppDomain
  ) throws(Failure) -> [String: String] {
    var file = EnvFile(String(decoding: try Files.readIfPresent(sample) ?? [], as: UTF8.self))
    for (key, value) in settings { file.set(key, value) }
    return try merged(file.values, checkout: checkout, domain: domain)
  }

  private static func merged(_ values: [String: String], checkout: String, domain: AppDomain) throws(Failure) -> [String: String] {
    let script = String(decoding: try Files.readIfPresent("\(checkout)/abra.sh") ?? [], as: UTF8.self)
    let exports = AbraExports.values(script)
    for (key, value) in ["STACK_NAME": domain.stack, "DOMAIN": domain.text] {
      guard let other = exports[key], other != value else { continue }
      throw Failure(
        .badData, "\(domain): abra.sh exports \(key)=\(other.prefix(80))", why: "abra would deploy into what is not this app's",
        next: "remove the export from the recipe")
    }
    return values.merging(exports) { $1 }.merging(["STACK_NAME": domain.stack]) { $1 }
  }
}

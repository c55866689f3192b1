/// A run's private `ABRA_DIR`: own `recipes/`, the host's `servers/` and `catalogue/` by link. Nobody else moves its checkouts.
public struct AbraHome: Sendable, Hashable {
  public let path: String

  public init(path: String) { self.path = path }

  public func recipe(_ recipe: RecipeName) -> String { "\(path)/recipes/\(recipe)" }

  /// An app's `.env`. Asked of the host's own folder: a run's private one has the link only once it is made, and "not there" must not read
  /// as "removed".
  public func env(_ domain: AppDomain, server: String) -> String { "\(path)/servers/\(server)/\(domain).env" }

  /// Throws `config` when the folder with the apps' `.env` files is not there.
  static func check(servers: String) throws(Failure) {
    guard try Files.status(servers) == nil else { return }
    throw Failure(
      .config, "abra: \(servers) does not exist", why: "this host is not known to abra",
      next: "run abra server add --local, or correct [host] abra_dir and server")
  }

  /// Makes the folder. Throws `config` when the host's own folder has no such server.
  public func create(from host: String, server: String) throws(Failure) {
    try Self.check(servers: "\(host)/servers/\(server)")
    try Files.createDirectory("\(path)/recipes", mode: 0o700)
    try Files.symlink("\(path)/servers", to: "\(host)/servers")
    if try Files.status("\(host)/catalogue") != nil { try Files.symlink("\(path)/catalogue", to: "\(host)/catalogue") }
  }
}

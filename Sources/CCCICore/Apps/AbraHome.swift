/// A run's private `ABRA_DIR`: own `recipes/`, the host's `servers/` and `catalogue/` by link. Nobody else moves its checkouts.
public struct AbraHome: Sendable, Hashable {
  public let path: String

  public init(path: String) { self.path = path }

  public func recipe(_ recipe: RecipeName) -> String { "\(path)/recipes/\(recipe)" }

  /// An app's `.env`. Asked of the host's own folder: a run's private one has the link only once it is made, and "not there" must not read
  /// as "removed".
  public func env(_ domain: AppDomain, server: String) -> String { "\(path)/servers/\(server)/\(domain).env" }

  /// Makes the folder. Throws `config` when the host's own folder has no such server.
  public func create(from host: String, server: String) throws(Failure) {
    guard try Files.status("\(host)/servers/\(server)") != nil else {
      throw Failure(
        .config, "abra: \(host)/servers/\(server) does not exist", why: "this host is not known to abra",
        next: "run abra server add --local, or correct [host] abra_dir and server")
    }
    try Files.createDirectory("\(path)/recipes", mode: 0o700)
    try Files.symlink("\(path)/servers", to: "\(host)/servers")
    if try Files.status("\(host)/catalogue") != nil { try Files.symlink("\(path)/catalogue", to: "\(host)/catalogue") }
  }
}

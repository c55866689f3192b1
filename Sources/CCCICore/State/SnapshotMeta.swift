public import FoundationEssentials

/// `snapshot/meta.json`: what a snapshot is of. The only truth for an app's version and commit, because it moves with the data.
public struct SnapshotMeta: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  public var id: String
  public var recipe: String
  public var domain: String
  public var version: String
  public var commit: String?
  public var taken: Date
  /// The app's `.env`, whole.
  public var env: String
  public var secrets: [Secret]
  public var volumes: [Volume]

  /// A swarm secret of the app. Its content cannot be read back: another id means another content.
  public struct Secret: Sendable, Equatable, Codable {
    public var name: String
    public var id: String

    public init(name: String, id: String) {
      self.name = name
      self.id = id
    }
  }

  public struct Volume: Sendable, Equatable, Codable {
    /// Docker's name.
    public var name: String
    public var labels: [String: String]
    /// Lengths of all files, holes included, each inode once.
    public var bytes: Int
    /// Everything below the root but sockets.
    public var files: Int
    /// Left out: they live only while somebody listens.
    public var sockets: Int
    /// File names in `volumes/`.
    public var archive: String
    public var index: String
    /// Length of the archive, bytes.
    public var size: Int
    /// Of the index, 64 hexadecimal digits. The index has one for every frame of the archive.
    public var sha256: String

    public init(
      name: String, labels: [String: String], bytes: Int, files: Int, sockets: Int, archive: String, index: String, size: Int,
      sha256: String
    ) {
      self.name = name
      self.labels = labels
      self.bytes = bytes
      self.files = files
      self.sockets = sockets
      self.archive = archive
      self.index = index
      self.size = size
      self.sha256 = sha256
    }
  }

  public init(
    id: String, recipe: String, domain: String, version: String, commit: String?, taken: Date, env: String, secrets: [Secret],
    volumes: [Volume]
  ) {
    self.id = id
    self.recipe = recipe
    self.domain = domain
    self.version = version
    self.commit = commit
    self.taken = taken
    self.env = env
    self.secrets = secrets
    self.volumes = volumes
  }

  /// Lengths of all files of all volumes.
  public var bytes: Int { volumes.reduce(0) { $0 + $1.bytes } }
  /// On the shelf, bytes.
  public var size: Int { volumes.reduce(0) { $0 + $1.size } }

  /// Secrets that are gone, or were made anew since: a database with its old password inside never comes up with a new one.
  public func lostSecrets(among present: [Secret]) -> [String] {
    secrets.filter { secret in !present.contains(secret) }.map(\.name)
  }
}

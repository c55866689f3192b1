/// The folder of one app on the shelf, `<shelf>/<name>/`, and every path in it.
///
/// A name in it that begins with `.` is not yet, or no longer, the truth.
public struct ShelfFolder: Sendable, Hashable {
  public let shelf: String
  public let name: String

  public init(shelf: String, name: String) {
    self.shelf = shelf
    self.name = name
  }

  /// The folder of an app: its first label without `warm-`. `warm-canon-keycloak.ci.example.org` has `canon-keycloak`.
  public init(shelf: String, domain: AppDomain) {
    let label = domain.text.prefix { $0 != "." }
    self.init(shelf: shelf, name: String(label.hasPrefix("warm-") ? label.dropFirst(5) : label))
  }

  public var path: String { "\(shelf)/\(name)" }
  public var snapshot: String { "\(path)/snapshot" }
  public var meta: String { "\(snapshot)/meta.json" }
  public var restoreMark: String { "\(path)/restore.json" }

  /// The end of the name of a directory beside a volume's archive, whose files share their blocks with those made of it.
  public static let tree = ".tree"

  /// Where a new snapshot is made before it is the truth.
  public func new(_ id: String) -> String { "\(path)/.new-\(id)" }

  /// What a killed command left: snapshots that never became the truth, or are it no longer.
  public func leftovers() throws(Failure) -> [String] {
    guard try Files.status(path) != nil else { return [] }
    return try Files.list(path).filter { $0.hasPrefix(".") }.map { "\(path)/\($0)" }
  }

  public func readMeta() throws(Failure) -> SnapshotMeta? {
    guard let bytes = try Files.readIfPresent(meta) else { return nil }
    return try JSONCoding.decode(SnapshotMeta.self, from: bytes, path: meta)
  }

  public func readRestoreMark() throws(Failure) -> RestoreMark? {
    guard let bytes = try Files.readIfPresent(restoreMark) else { return nil }
    return try JSONCoding.decode(RestoreMark.self, from: bytes, path: restoreMark)
  }

  /// Every folder of the shelf that holds a snapshot, an unfinished restore or what a killed command left, by name.
  public static func all(on shelf: String) throws(Failure) -> [ShelfFolder] {
    guard try Files.status(shelf) != nil else { return [] }
    var found: [ShelfFolder] = []
    for name in try Files.list(shelf) where !name.hasPrefix(".") && !RecipeName.reserved.contains(name) {
      let folder = ShelfFolder(shelf: shelf, name: name)
      guard try Files.status(folder.path)?.kind == .directory else { continue }
      let isMarked = try Files.status(folder.restoreMark) != nil
      let hasSnapshot = try Files.status(folder.snapshot) != nil
      let hasLeftovers = try !folder.leftovers().isEmpty
      if isMarked || hasSnapshot || hasLeftovers { found.append(folder) }
    }
    return found
  }
}

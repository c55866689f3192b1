/// `<shelf>/instance.json`: the id of this installation, made once by whoever comes first.
public struct Instance: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  public var id: String

  /// Reads the id, making it first when there is none. Safe against two first comers: one file wins, both read it.
  public static func onShelf(_ shelf: String) throws(Failure) -> Instance {
    let path = "\(shelf)/instance.json"
    if let found = try read(path) { return found }
    try Files.createDirectory(shelf, mode: 0o755)
    let made = Instance(id: RandomID.hex(12))
    if try !Files.create(JSONCoding.encode(made), at: path), let found = try read(path) { return found }
    return made
  }

  /// The id, where there is one.
  public static func ifPresent(_ shelf: String) throws(Failure) -> Instance? { try read("\(shelf)/instance.json") }

  private static func read(_ path: String) throws(Failure) -> Instance? {
    guard let bytes = try Files.readIfPresent(path) else { return nil }
    return try JSONCoding.decode(Instance.self, from: bytes, path: path)
  }
}

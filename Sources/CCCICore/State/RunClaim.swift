public import FoundationEssentials

/// `<runs>/claims/<name>.json`: the one run that a trigger has. Whoever creates the file has it; nobody changes it.
public struct RunClaim: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  /// As `CCCI_TRIGGER` carries it.
  public var key: String
  public var run: String
  /// Number in Drone, where there is one.
  public var build: Int?
  public var at: Date

  public init(key: String, run: String, build: Int?, at: Date) {
    self.key = key
    self.run = run
    self.build = build
    self.at = at
  }

  /// The key as far as it can stand in a file's name, and the digest that tells it from others.
  public static func path(runs: String, key: String) -> String {
    let plain = key.utf8.prefix(120).map { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 ? Character(UnicodeScalar(byte)) : "_"
    }
    return "\(runs)/claims/\(String(plain))-\(SHA256.hex(key).prefix(16)).json"
  }

  /// Claims a key. nil when it is ours now, else who has it. Of any number at once, one gets it.
  ///
  /// The file appears whole: it is written beside its place and linked there, which fails when something stands there.
  public func claim(runs: String) throws(Failure) -> RunClaim? {
    let path = Self.path(runs: runs, key: key)
    try Files.createDirectory("\(runs)/claims", mode: 0o755)
    if let other = try Self.read(runs: runs, key: key) { return other }
    guard try !Files.create(JSONCoding.encode(self), at: path) else { return nil }
    return try Self.read(runs: runs, key: key)
  }

  /// Removes claims that are older: a trigger of that age is built no more.
  public static func forget(runs: String, before date: Date) throws(Failure) {
    let folder = "\(runs)/claims"
    guard try Files.status(folder) != nil else { return }
    for name in try Files.list(folder) {
      if let status = try Files.status("\(folder)/\(name)"), status.mtime < date { _ = try Files.remove("\(folder)/\(name)") }
    }
  }

  public static func read(runs: String, key: String) throws(Failure) -> RunClaim? {
    let path = path(runs: runs, key: key)
    guard let bytes = try Files.readIfPresent(path) else { return nil }
    return try JSONCoding.decode(RunClaim.self, from: bytes, path: path)
  }
}

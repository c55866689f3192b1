public import FoundationEssentials

/// `<shelf>/poll/.sweep.json`: when each recipe last had its build by night, so that the next night begins with whoever waits longest.
public struct SweepMemory: Sendable, Equatable, Codable, StateFile {
  public var schema = 1
  /// By recipe.
  public var recipes: [String: Build] = [:]

  public struct Build: Sendable, Equatable, Codable {
    /// When it was asked for.
    public var ts: Date
    public var version: String
    public var build: Int

    public init(ts: Date, version: String, build: Int) {
      self.ts = ts
      self.version = version
      self.build = build
    }
  }

  public init() {}
}

extension PollShelf {
  private var sweep: String { "\(folder)/.sweep.json" }
  /// Held by the sweep that is at work.
  public var sweepLock: String { "\(folder)/.sweep.lock" }

  public func sweepMemory() throws(Failure) -> SweepMemory {
    guard let bytes = try Files.readIfPresent(sweep) else { return SweepMemory() }
    return try JSONCoding.decode(SweepMemory.self, from: bytes, path: sweep)
  }

  public func write(_ memory: SweepMemory) throws(Failure) {
    try Files.createDirectory(folder, mode: 0o700)
    try Files.write(JSONCoding.encode(memory), to: sweep)
  }
}

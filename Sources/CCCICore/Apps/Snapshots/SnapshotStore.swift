import CSys
import FoundationEssentials

/// Takes, checks and puts back the one snapshot of an app. Whoever calls holds the app's lock.
///
/// Protocol: `docs/snapshots.md`. A kill at any moment leaves one whole snapshot, the old or the new one.
public struct SnapshotStore: Sendable {
  public let host: Host
  public let engine: Engine
  public let folder: ShelfFolder
  public let domain: AppDomain
  /// The app's `.env`.
  public let env: String
  public let tally: Tally

  public init(host: Host, engine: Engine, folder: ShelfFolder, domain: AppDomain, env: String, tally: Tally = Tally()) {
    self.host = host
    self.engine = engine
    self.folder = folder
    self.domain = domain
    self.env = env
    self.tally = tally
  }

  var app: RestingApp { RestingApp(engine: engine, domain: domain) }

  /// The snapshot that is there; `noInput` when there is none, `badData` when it is another app's.
  public func current() throws(Failure) -> SnapshotMeta {
    guard let meta = try folder.readMeta() else {
      throw Failure(
        .noInput, "\(folder.name): no snapshot", why: "\(folder.meta) does not exist", next: "ccci-snap list shows what there is")
    }
    guard meta.domain == domain.text else {
      throw Failure(
        .badData, "\(folder.name): the snapshot is not of \(domain)", why: "it is of \(meta.domain)", next: "name that app instead")
    }
    return meta
  }

  /// Whether there is anything to save.
  public func hasVolumes() async throws(Failure) -> Bool { try await !app.volumes().isEmpty }

  /// Removes what killed commands left. Returns their paths.
  @discardableResult
  public func clear() throws(Failure) -> [String] {
    let leftovers = try folder.leftovers()
    for path in leftovers { try Files.removeTree(path) }
    return leftovers
  }

  private static let limitMemory: Void = csys_limit_memory()

  /// File work, which blocks, on threads of our own.
  func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws(Failure) -> Value) async throws(Failure) -> Value {
    Self.limitMemory
    let result: Result<Value, Failure> = await PosixThread.run {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

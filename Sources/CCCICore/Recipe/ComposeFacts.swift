/// What a run needs to know of a recipe's compose files, merged as docker merges them: a later file adds to and overrides an earlier one.
public struct ComposeFacts: Sendable, Equatable {
  public struct Service: Sendable, Equatable {
    public var name: String
    public var image: String
    /// `deploy.labels`: where co-op cloud, traefik and backup-bot look.
    public var labels: [String: String]
    public var mounts: [Mount]
    public var replicas: Int
    public var hasHealthcheck: Bool
  }

  public struct Mount: Sendable, Equatable {
    /// `volume`, `bind`, `tmpfs`.
    public var kind: String
    /// The key under the top-level `volumes`, or a host path; empty for an anonymous volume.
    public var source: String
    public var target: String
  }

  public var services: [Service]
  /// Names under the top-level `volumes`.
  public var volumes: [String]

  public init(services: [Service], volumes: [String]) {
    self.services = services
    self.volumes = volumes
  }

  /// One interpolated file.
  public struct File: Sendable {
    public var path: String
    public var root: YAMLNode

    public init(path: String, root: YAMLNode) {
      self.path = path
      self.root = root
    }
  }

  /// Throws `badData` naming file and line when something is not a compose file, or when there is no service `app`, which abra and every
  /// label need.
  public init(_ files: [File]) throws(Failure) {
    self.init(services: [], volumes: [])
    for file in files {
      guard !file.root.entries.isEmpty, file.root["services"].map({ !$0.entries.isEmpty || $0.isNull }) ?? true else {
        throw Failure(.badData, "\(file.path): line \(file.root.line): is no compose file", next: "it needs a mapping with services")
      }
      for entry in file.root["services"]?.entries ?? [] {
        guard !entry.value.entries.isEmpty else {
          throw Failure(.badData, "\(file.path): line \(entry.value.line): service \(entry.key) is no mapping", next: "give it an image")
        }
        merge(ComposeService(entry.key, entry.value))
      }
      for entry in file.root["volumes"]?.entries ?? [] where !volumes.contains(entry.key) { volumes.append(entry.key) }
    }
    guard service("app") != nil else {
      throw Failure(
        .badData, "\(files.map(\.path).joined(separator: " + ")): no service named app",
        why: services.isEmpty ? "no services at all" : "has \(services.map(\.name).joined(separator: ", "))",
        next: "name the main service app: abra puts its labels and environment there")
    }
  }

  /// Throws `badData` for a service that no file gives an image: docker would refuse the stack, and not say in which file.
  public func checkImages(_ path: String) throws(Failure) {
    guard let bare = services.first(where: { $0.image.isEmpty }) else { return }
    throw Failure(.badData, "\(path): service \(bare.name) has no image", next: "give it one: swarm builds none")
  }

  public func service(_ name: String) -> Service? { services.first { $0.name == name } }

  /// The version label of `app` in compose: `coop-cloud.<stack>.version`, whatever stack name it was interpolated with.
  public var version: RecipeVersion? {
    let labels = service("app")?.labels.filter { $0.key.hasPrefix("coop-cloud.") && $0.key.hasSuffix(".version") } ?? [:]
    // Should there be several, every run must take the same one.
    return labels.min { $0.key < $1.key }.flatMap { RecipeVersion($0.value) }
  }

  private mutating func merge(_ part: ComposeService) {
    let index = services.firstIndex { $0.name == part.name } ?? services.endIndex
    if index == services.endIndex {
      services.append(Service(name: part.name, image: "", labels: [:], mounts: [], replicas: 1, hasHealthcheck: false))
    }
    services[index].image = part.image ?? services[index].image
    services[index].labels.merge(part.labels) { $1 }
    services[index].mounts.removeAll { old in part.mounts.contains { $0.target == old.target } }
    services[index].mounts += part.mounts
    services[index].replicas = part.replicas ?? services[index].replicas
    services[index].hasHealthcheck = part.hasHealthcheck ?? services[index].hasHealthcheck
  }
}

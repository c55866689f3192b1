/// What a run needs to know of a recipe's compose files, read from what `docker stack config` prints: merged and interpolated.
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

  /// Reads the merged document. Throws `badData` when there is no service `app`, which abra and every label need.
  public init(_ root: YAMLNode, path: String) throws(Failure) {
    var services: [Service] = []
    for entry in root["services"]?.entries ?? [] {
      services.append(Self.service(entry.key, entry.value))
    }
    self.init(services: services, volumes: (root["volumes"]?.entries ?? []).map(\.key))
    guard service("app") != nil else {
      throw Failure(
        .badData, "\(path): no service named app",
        why: services.isEmpty ? "no services at all" : "has \(services.map(\.name).joined(separator: ", "))",
        next: "name the main service app: abra puts its labels and environment there")
    }
  }

  public func service(_ name: String) -> Service? { services.first { $0.name == name } }

  /// The version label of `app` in compose: `coop-cloud.<stack>.version`, whatever stack name it was interpolated with.
  public var version: RecipeVersion? {
    let label = service("app")?.labels.first {
      $0.key.hasPrefix("coop-cloud.") && $0.key.hasSuffix(".version") && !$0.key.hasSuffix(".chaos-version")
    }
    return label.flatMap { RecipeVersion($0.value) }
  }

  private static func service(_ name: String, _ node: YAMLNode) -> Service {
    let check = node["healthcheck"]
    let disabled = check?["disable"]?.string == "true" || check?["test"]?.items.first?.string == "NONE"
    return Service(
      name: name,
      image: node["image"]?.string ?? "",
      labels: labels(node["deploy"]?["labels"]),
      mounts: (node["volumes"]?.items ?? []).map(mount),
      replicas: node["deploy"]?["replicas"]?.string.flatMap(Int.init) ?? 1,
      hasHealthcheck: check?["test"] != nil && !disabled)
  }

  /// Labels stand as a mapping or as a list of `key=value`.
  private static func labels(_ node: YAMLNode?) -> [String: String] {
    guard let node else { return [:] }
    var found: [String: String] = [:]
    for entry in node.entries { found[entry.key] = entry.value.string ?? "" }
    for item in node.items {
      guard let text = item.string else { continue }
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      found[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
    return found
  }

  private static func mount(_ node: YAMLNode) -> Mount {
    if let text = node.string {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count > 1 else { return Mount(kind: "volume", source: "", target: text) }
      return Mount(kind: parts[0].hasPrefix("/") || parts[0].hasPrefix(".") ? "bind" : "volume", source: parts[0], target: parts[1])
    }
    return Mount(kind: node["type"]?.string ?? "volume", source: node["source"]?.string ?? "", target: node["target"]?.string ?? "")
  }
}

/// What one compose file says of one service; nil where it says nothing.
struct ComposeService {
  var name: String
  var image: String?
  var labels: [String: String]
  var mounts: [ComposeFacts.Mount]
  var replicas: Int?
  var hasHealthcheck: Bool?

  init(_ name: String, _ node: YAMLNode) {
    let check = node["healthcheck"]
    let isOff = check?["disable"]?.string == "true" || check?["test"]?.items.first?.string == "NONE" || check?["test"]?.string == "NONE"
    self.name = name
    image = node["image"]?.string
    labels = Self.labels(node["deploy"]?["labels"])
    mounts = (node["volumes"]?.items ?? []).map(Self.mount)
    replicas = node["deploy"]?["replicas"]?.string.flatMap { Int($0) }
    hasHealthcheck = isOff ? false : check?["test"].map { _ in true }
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

  private static func mount(_ node: YAMLNode) -> ComposeFacts.Mount {
    if let text = node.string {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count > 1 else { return ComposeFacts.Mount(kind: "volume", source: "", target: text) }
      let isPath = ["/", ".", "~"].contains { parts[0].hasPrefix($0) }
      return ComposeFacts.Mount(kind: isPath ? "bind" : "volume", source: parts[0], target: parts[1])
    }
    return ComposeFacts.Mount(
      kind: node["type"]?.string ?? "volume", source: node["source"]?.string ?? "", target: node["target"]?.string ?? "")
  }
}

/// What the checkout's file system says of the paths in compose files. Found by `PolicyChecks`, links followed.
public struct PolicyFiles: Sendable, Hashable {
  public enum Place: Sendable, Hashable {
    /// In the checkout and not in `.git`; with its text when an `env_file` names it.
    case inside(text: String?)
    /// Where it leads instead.
    case outside(String)
  }

  public var places: [String: Place]

  public init(_ places: [String: Place] = [:]) { self.places = places }

  /// A path nobody looked at counts as outside.
  subscript(_ path: String) -> Place { places[path] ?? .outside(path) }

  /// The paths that a document names.
  public static func paths(in document: YAMLNode) -> Set<String> {
    var found: Set<String> = []
    for service in document["services"]?.entries ?? [] {
      guard let node = service.value["env_file"] else { continue }
      for item in node.items + [node] { if let text = item.string { found.insert(text) } }
    }
    for section in ["configs", "secrets"] {
      for object in document[section]?.entries ?? [] { if let text = object.value["file"]?.string { found.insert(text) } }
    }
    return found
  }
}

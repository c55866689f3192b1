/// A YAML value with the line it stands on. Anchors, aliases and merge keys are already resolved.
public struct YAMLNode: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// `plain` is false for quoted and block text, which is never a number, a Boolean or null.
    case scalar(String, plain: Bool)
    case sequence([YAMLNode])
    /// In the order of the file.
    case mapping([YAMLEntry])
  }

  public let content: Content
  /// 1 is the first line.
  public let line: Int

  public init(_ content: Content, line: Int = 1) {
    self.content = content
    self.line = line
  }

  /// Reads one document. Nothing at all is a plain null.
  ///
  /// `badData` says `<path>: line 12: …`: broken syntax, a key twice, an unknown alias or tag, a second document, more than 100 levels,
  /// more than 100 000 values through aliases.
  public static func parse(_ bytes: [UInt8], path: String) throws(Failure) -> YAMLNode {
    let events = YAMLEvents(bytes, path: path)
    var reader = YAMLReader(events)
    return try reader.document()
  }

  /// The value of a key; nil without the key, or when this is no mapping.
  public subscript(_ key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

  /// The value at the end of a path of keys: `node[path: "services", "app", "image"]`.
  public subscript(path keys: String...) -> YAMLNode? {
    var node: YAMLNode? = self
    for key in keys { node = node?[key] }
    return node
  }

  /// The text of a scalar that is not null.
  public var string: String? {
    guard case .scalar(let text, _) = content, !isNull else { return nil }
    return text
  }

  /// The elements of a sequence, nothing for anything else.
  public var items: [YAMLNode] {
    if case .sequence(let nodes) = content { nodes } else { [] }
  }

  /// The entries of a mapping, nothing for anything else.
  public var entries: [YAMLEntry] {
    if case .mapping(let entries) = content { entries } else { [] }
  }

  /// A plain `null`, `~` or nothing.
  public var isNull: Bool {
    guard case .scalar(let text, plain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

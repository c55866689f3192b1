/// One line of a YAML mapping.
public struct YAMLEntry: Sendable, Equatable {
  public let key: String
  public let value: YAMLNode

  public init(key: String, value: YAMLNode) {
    self.key = key
    self.value = value
  }
}

public import FoundationEssentials

/// A folder in a folder.
public struct FolderEntry: Sendable, Equatable {
  public var name: String
  /// When an entry of it was last created, removed or renamed.
  public var changed: Date

  public init(name: String, changed: Date) {
    self.name = name
    self.changed = changed
  }
}

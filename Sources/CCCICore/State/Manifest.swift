/// What a run is going to do beyond the generic assertions: printed before it begins and kept in its results.
public struct Manifest: Sendable, Equatable, Codable {
  /// Keys of `recipe.toml` that are not at their default.
  public var settings: [String: String]
  /// Hooks that will be called, by name.
  public var hooks: [String]
  /// Overlay files by origin, then by tier.
  public var overlays: [String: [String: [String]]]

  public init(settings: [String: String], hooks: [String], overlays: [String: [String: [String]]]) {
    self.settings = settings
    self.hooks = hooks
    self.overlays = overlays
  }
}

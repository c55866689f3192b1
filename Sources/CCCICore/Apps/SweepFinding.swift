/// What a sweep decided of one thing on this host, and what came of it.
public struct SweepFinding: Sendable, Equatable, Encodable {
  public enum Kind: String, Sendable, Encodable, CaseIterable {
    /// `name` is its domain.
    case app
    /// The warm data of a recipe; `name` is its domain.
    case canonical
    /// On the host's own Keycloak; `name` is the realm's.
    case realm
    /// A run record; `name` is its id.
    case record
    /// Images without a name that nothing uses.
    case images
    /// A filesystem; `name` is a folder on it.
    case disk
  }

  public var kind: Kind
  public var name: String
  /// `reaped`, `would reap`, `removed`, `would remove`, `alive`, `kept`, `young`, `not ours`, `left behind`, `at rest`, `would rest`,
  /// `promotion failed`, `noticed`, `refused`, `not asked`, `filling`, `full`.
  public var decision: String
  public var because: String
  public var run: String?
  /// What could not be removed.
  public var leftovers: [String]

  public init(_ kind: Kind, _ name: String, _ decision: String = "", because: String = "", run: String? = nil, leftovers: [String] = []) {
    self.kind = kind
    self.name = name
    self.decision = decision
    self.because = because
    self.run = run
    self.leftovers = leftovers
  }
}

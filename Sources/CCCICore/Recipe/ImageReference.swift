/// A container image's name, normalised so that `nginx`, `docker.io/library/nginx:latest` and `nginx:latest@sha256:…` compare equal.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
  public let registry: String
  public let repository: String
  public let tag: String
  /// `sha256:…`, empty when the reference has none. Not part of equality of the name: see `names(same:)`.
  public let digest: String

  public init(_ text: String) {
    var rest = Substring(text)
    var digest = ""
    if let at = rest.firstIndex(of: "@") {
      digest = String(rest[rest.index(after: at)...])
      rest = rest[..<at]
    }
    var registry = "docker.io"
    if let slash = rest.firstIndex(of: "/") {
      let head = rest[..<slash]
      if head.contains(".") || head.contains(":") || head == "localhost" {
        registry = head == "index.docker.io" ? "docker.io" : String(head)
        rest = rest[rest.index(after: slash)...]
      }
    }
    var tag = digest.isEmpty ? "latest" : ""
    if let colon = rest.lastIndex(of: ":") {
      tag = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
    }
    let official = registry == "docker.io" && !rest.contains("/")
    self.registry = registry
    self.repository = official ? "library/\(rest)" : String(rest)
    self.tag = tag
    self.digest = digest
  }

  public var description: String { "\(registry)/\(repository)\(tag.isEmpty ? "" : ":\(tag)")\(digest.isEmpty ? "" : "@\(digest)")" }

  /// Whether a running reference is what a compose file asked for: same repository, same tag, and the same digest where both name one.
  public func names(same other: ImageReference) -> Bool {
    guard registry == other.registry, repository == other.repository else { return false }
    if !digest.isEmpty, !other.digest.isEmpty { return digest == other.digest }
    return tag == other.tag || tag.isEmpty || other.tag.isEmpty
  }
}

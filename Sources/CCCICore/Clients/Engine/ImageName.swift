/// An image reference cut as the engine wants it: `repository` and tag or digest, `latest` without one.
struct ImageName: Sendable, Equatable {
  var repository: String
  var tag: String

  init(_ reference: String) {
    if let at = reference.firstIndex(of: "@") {
      repository = ImageName(String(reference[..<at])).repository
      tag = String(reference[reference.index(after: at)...])
    } else if let colon = reference.lastIndex(of: ":"), !reference[colon...].contains("/") {
      repository = String(reference[..<colon])
      tag = String(reference[reference.index(after: colon)...])
    } else {
      repository = reference
      tag = "latest"
    }
  }
}

extension Settings.ForgeSettings {
  /// The token for private mirrors and the address that it is sent to; nil when there is none. It is masked from then on.
  func credential(mask: Mask) throws(Failure) -> (url: String, token: String)? {
    guard let file = tokenFile, let url else { return nil }
    let token = try TokenFile.read(file, key: "[forge] token_file")
    mask.add(token)
    return (url.hasSuffix("/") ? url : "\(url)/", token)
  }
}

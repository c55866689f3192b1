/// `op-state.json`: what each op did, for overlays: op → fact → value.
struct OpState: Sendable {
  let stage: Stage

  func note(_ tier: Tier, _ facts: [String: String]) throws(Failure) {
    var state: [String: [String: String]] = [:]
    if let bytes = try Files.readIfPresent(stage.directory.opState) {
      state = try JSONCoding.decode([String: [String: String]].self, from: bytes, path: stage.directory.opState)
    }
    state[tier.rawValue] = facts
    try Files.write(JSONCoding.encode(state), to: stage.directory.opState)
  }
}

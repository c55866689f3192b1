/// The custom tier: the recipe's own tests, and nothing generic.
struct CustomTier: Sendable {
  let stage: Stage

  func walk() async throws(Failure) -> TierResult {
    try stage.enter("custom", "custom")
    var sheet = TierSheet(.custom, stage)
    for missing in try await Dependencies(stage: stage).provide(.tests) {
      // The tests that do not ask for it say something all the same.
      sheet.add(missing.finding, named: "dependency \(missing.recipe)", seconds: 0)
    }
    let hook = try await Hooks(stage: stage).call("setup_custom_tests", op: .custom)
    guard hook.outcome == .pass else {
      sheet.add(hook, named: "setup_custom_tests", origin: .overlay, seconds: 0)
      return sheet.result
    }
    let overlays = try await Overlays(stage: stage, tier: .custom).run()
    sheet.add(overlays)
    // Only the checkout could show it: the recipe was approved for tests that it does not have.
    return sheet.tests.isEmpty ? TierResult(.custom, .skip(.structural, "no custom tests")) : sheet.result
  }
}

/// A plan as `ccci-run plan` prints it.
enum PlanText {
  static func text(_ plan: RunPlan) -> String {
    var lines = [
      "recipe   \(plan.recipe)\(plan.mode == .cold ? "" : ", \(plan.mode.rawValue)")", "tests    \(what(plan.target))",
      "from     \(plan.source.src)", "app      https://\(plan.domain)",
    ]
    for (key, value) in plan.settings.notAtDefault.sorted(by: { $0.key < $1.key }) { lines.append("setting  \(key) = \(value)") }
    for dependency in plan.dependencies {
      lines.append("needs    \(dependency.recipe)\(dependency.need == .tests ? " (for its tests)" : ""): \(dependency.words)")
    }
    for hook in plan.overlays.hooks { lines.append("hook     \(hook)") }
    for (tier, who) in plan.optOuts.sorted(by: { $0.key < $1.key }) {
      lines.append("!!       generic assertions of \(tier.rawValue) are off: \(who)")
    }
    for planned in plan.tiers {
      lines.append("")
      if let skipped = planned.skipped {
        lines.append("\(planned.tier.rawValue): skip (\(skipped.reason?.rawValue ?? "")): \(skipped.because)")
        continue
      }
      lines.append("\(planned.tier.rawValue)\(depends(planned.tier, plan))")
      for assertion in planned.generic { lines.append("  generic  \(assertion.rawValue.padded(to: 18)) \(assertion.meaning)") }
      for file in planned.overlays { lines.append("  overlay  \(file.path)\(file.isPytest ? "" : " (executable)")") }
    }
    lines.append(
      plan.isRepoLocalApproved
        ? "\nrepo-local: approved: the recipe's own tests/ run too, in a cage"
        : "\nrepo-local: not approved: the recipe's own tests/, if it has any, are listed and not run")
    for file in plan.overlays.notAsked { lines.append("\nnot asked for: \(file) (--extra-tests)") }
    return lines.joined(separator: "\n")
  }

  private static func what(_ target: Checkout.Target) -> String {
    switch target {
    case .commit(let commit, let pr): "commit \(commit)\(pr.map { " of pull request \($0)" } ?? "")"
    case .version(let version): "version \(version)"
    case .latest: "the newest published version"
    }
  }

  /// What the checkout will decide: a plan fetches nothing.
  private static func depends(_ tier: Tier, _ plan: RunPlan) -> String {
    switch tier {
    case .upgrade: ": from the release before it, if there is one"
    case .backup, .restore:
      plan.settings.backupCapable == nil
        ? ": if the recipe has backup labels" : plan.settings.backupCapable == true ? "" : ": skip: backup_capable = false"
    case .install, .custom: ""
    }
  }

  private struct View: Encodable {
    struct Planned: Encodable {
      var tier: Tier
      var runs: Bool
      var because: String?
      var generic: [String]
      var overlays: [String]
    }
    var recipe: String
    var target: String
    var src: String
    var domain: String
    var settings: [String: String]
    var needs: [String: String]
    var hooks: [String]
    var optOuts: [String: String]
    var tiers: [Planned]

    enum CodingKeys: String, CodingKey {
      case recipe, target, src, domain, settings, needs, hooks, tiers
      case optOuts = "opt_outs"
    }
  }

  static func json(_ plan: RunPlan) throws(Failure) -> String {
    let tiers = plan.tiers.map { planned in
      View.Planned(
        tier: planned.tier, runs: planned.skipped == nil, because: planned.skipped?.because, generic: planned.generic.map(\.rawValue),
        overlays: planned.overlays.map(\.path))
    }
    let view = View(
      recipe: plan.recipe.text, target: what(plan.target), src: plan.source.src, domain: plan.domain.text,
      settings: plan.settings.notAtDefault,
      needs: Dictionary(plan.dependencies.map { ($0.recipe.text, $0.words) }) { $1 },
      hooks: plan.overlays.hooks, optOuts: Dictionary(uniqueKeysWithValues: plan.optOuts.map { ($0.key.rawValue, $0.value) }), tiers: tiers)
    return String(decoding: try JSONCoding.encode(view), as: UTF8.self)
  }
}

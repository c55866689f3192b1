/// Which files of `tests/<recipe>/` a run uses, and when. Pure over a listing.
public struct OverlayPlan: Sendable, Equatable {
  public struct File: Sendable, Hashable {
    /// Relative to `tests/<recipe>/`.
    public var path: String
    /// Run under pytest; else it is an executable that follows automake's protocol.
    public var isPytest: Bool
  }

  /// Assertions by tier.
  public var tests: [Tier: [File]] = [:]
  /// Files of `extra/` that were not asked for.
  public var notAsked: [String] = []
  /// `install_steps.sh`, `ops.py`, `pre_<op>.sh`, `setup_custom_tests.sh`, `backup_verify.*`, as they are named.
  public var hooks: [String] = []

  public init() {}

  /// One entry of the folder or of its known sub-folders.
  public struct Entry: Sendable, Hashable {
    public var path: String
    public var isExecutable: Bool

    public init(_ path: String, isExecutable: Bool) {
      self.path = path
      self.isExecutable = isExecutable
    }
  }

  static let folders = ["functional", "playwright", "extra"]
  private static let shellHooks = ["install_steps.sh", "setup_custom_tests.sh"] + Tier.allCases.map { "pre_\($0.rawValue).sh" }

  /// Failures: `badData` for a file that looks like a test or a hook and could not run: a test that never runs must not look like one that passed.
  public static func resolve(_ entries: [Entry], of recipe: RecipeName, extra: Bool) throws(Failure) -> OverlayPlan {
    var plan = OverlayPlan()
    for entry in entries.sorted(by: { $0.path < $1.path }) {
      let parts = entry.path.split(separator: "/").map(String.init)
      guard let name = parts.last, parts.count <= 2 else { continue }
      if parts.count == 1, isHook(name) {
        guard name == "ops.py" || entry.isExecutable || name.hasSuffix(".py") else { throw notExecutable(recipe, entry.path) }
        plan.hooks.append(name)
        continue
      }
      if parts.count == 1, name == "compose.ccci.yml" {
        throw Failure(
          .bug, "tests/\(recipe)/compose.ccci.yml: environment overlays are not built yet", next: "set [env] in recipe.toml instead")
      }
      guard name.hasPrefix("test_"), parts.count == 1 || folders.contains(parts[0]) else { continue }
      let file = File(path: entry.path, isPytest: name.hasSuffix(".py"))
      guard file.isPytest || entry.isExecutable else { throw notExecutable(recipe, entry.path) }
      if parts.first == "extra", parts.count == 2, !extra {
        plan.notAsked.append(entry.path)
        continue
      }
      plan.tests[tier(of: name, isTop: parts.count == 1), default: []].append(file)
    }
    return plan
  }

  public func hook(_ stem: String) -> String? { hooks.first { $0 == stem || $0.hasPrefix("\(stem).") } }

  public var isEmpty: Bool { tests.isEmpty && hooks.isEmpty }

  /// Tier → files, for the manifest.
  public var names: [String: [String]] {
    Dictionary(uniqueKeysWithValues: tests.map { ($0.key.rawValue, $0.value.map(\.path)) })
  }

  private static func isHook(_ name: String) -> Bool {
    shellHooks.contains(name) || name == "ops.py" || name.hasPrefix("backup_verify.") || name == "backup_verify"
  }

  private static func tier(of name: String, isTop: Bool) -> Tier {
    guard isTop else { return .custom }
    let stem = name.dropFirst("test_".count).prefix { $0 != "." }
    return Tier(rawValue: String(stem)) ?? .custom
  }

  private static func notExecutable(_ recipe: RecipeName, _ path: String) -> Failure {
    Failure(
      .badData, "tests/\(recipe)/\(path): would never run", why: "it is neither python (*.py) nor executable",
      next: "chmod +x tests/\(recipe)/\(path)")
  }
}

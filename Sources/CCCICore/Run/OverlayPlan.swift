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
  /// `compose.ccci.yml`, `install_steps.sh`, `ops.py`, `pre_<op>.sh`, `setup_custom_tests.sh`, `backup_verify.*`, as they are named.
  public var hooks: [String] = []

  public init() {}

  /// One entry of the folder or of its known sub-folders.
  public struct Entry: Sendable, Hashable {
    public var path: String
    public var isExecutable: Bool
    /// Why it could not be run or read, though its name says that it will be.
    public var fault: String?

    public init(_ path: String, isExecutable: Bool, fault: String? = nil) {
      self.path = path
      self.isExecutable = isExecutable
      self.fault = fault
    }
  }

  static let folders = ["functional", "playwright", "extra"]
  /// Before the custom tier `setup_custom_tests.sh` is called.
  private static let shellHooks =
    ["install_steps.sh", "setup_custom_tests.sh"] + Tier.allCases.filter { $0 != .custom }.map { "pre_\($0.rawValue).sh" }
  /// What looks like a hook.
  private static let stems = ["install_steps", "setup_custom_tests", "backup_verify"] + Tier.allCases.map { "pre_\($0.rawValue)" }

  /// Failures: `badData` for a file that looks like a test or a hook and could not run: a test that never runs must not look like one that passed.
  public static func resolve(_ entries: [Entry], of recipe: RecipeName, extra: Bool) throws(Failure) -> OverlayPlan {
    var plan = OverlayPlan()
    for entry in entries.sorted(by: { $0.path < $1.path }) {
      let parts = entry.path.split(separator: "/").map(String.init)
      guard let name = parts.last else { continue }
      if parts.count > 1, isHook(parts[0]) || parts[0] == ComposeOverlay.fileName || parts[0].hasSuffix(".py") {
        throw Failure(.badData, "tests/\(recipe)/\(parts[0]): is a folder", next: "a file is expected there")
      }
      if let fault = entry.fault, parts.count == 1 && (isHook(name) || name == ComposeOverlay.fileName) || name.hasPrefix("test_") {
        throw cannotRun(recipe, entry.path, fault)
      }
      if parts.count == 1, isHook(name) {
        guard name == "ops.py" || entry.isExecutable || name.hasSuffix(".py") else { throw notExecutable(recipe, entry.path) }
        if let other = plan.hook(stem(of: name)) { throw neverCalled(recipe, name, why: "\(other) is called in its place") }
        plan.hooks.append(name)
        continue
      }
      if parts.count == 1, stems.contains(stem(of: name)) || name.hasPrefix("pre_"),
        entry.isExecutable || ["", "sh", "py"].contains(suffix(of: name))
      {
        throw neverCalled(recipe, name, why: "no hook is called so")
      }
      if parts.count == 1, name == ComposeOverlay.fileName {
        plan.hooks.append(name)
        continue
      }
      guard name.hasPrefix("test_") else { continue }
      let file = File(path: entry.path, isPytest: name.hasSuffix(".py"))
      guard parts.count == 1 || folders.contains(parts[0]) else {
        guard file.isPytest || entry.isExecutable else { continue }
        throw Failure(
          .badData, "tests/\(recipe)/\(entry.path): would never run", why: "\(parts[0])/ is no folder for tests",
          next: "move it to tests/\(recipe)/ or one of \(folders.joined(separator: ", "))")
      }
      guard file.isPytest || entry.isExecutable else { throw notExecutable(recipe, entry.path) }
      if parts.first == "extra", parts.count > 1, !extra {
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

  private static func stem(of name: String) -> String { String(name.prefix { $0 != "." }) }

  private static func suffix(of name: String) -> String { name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? "" }

  private static func neverCalled(_ recipe: RecipeName, _ name: String, why: String) -> Failure {
    Failure(
      .badData, "tests/\(recipe)/\(name): would never run", why: why,
      next: "hooks are \(shellHooks.joined(separator: ", ")), ops.py and backup_verify.*")
  }

  private static func cannotRun(_ recipe: RecipeName, _ path: String, _ fault: String) -> Failure {
    Failure(
      .badData, "tests/\(recipe)/\(path): cannot be run", why: fault,
      next: fault.hasPrefix("line ")
        ? "an executable begins with a line such as #!/bin/sh, and ends its lines as Unix does" : "replace it with the file itself")
  }

  private static func notExecutable(_ recipe: RecipeName, _ path: String) -> Failure {
    Failure(
      .badData, "tests/\(recipe)/\(path): would never run", why: "it is neither python (*.py) nor executable",
      next: "chmod +x tests/\(recipe)/\(path)")
  }
}

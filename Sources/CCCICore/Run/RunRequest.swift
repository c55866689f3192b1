/// What was asked of `ccci-run`: arguments over the environment that Drone passes, all of it validated.
public struct RunRequest: Sendable, Equatable {
  public var recipe: RecipeName
  public var target: Checkout.Target
  public var src: String?
  public var tiers: [Tier]
  public var extra: Bool
  /// On warm data, or cold; a promotion is no request of anybody's.
  public var mode: Verdict.Mode
  /// Run cold where there is no canonical.
  public var orCold: Bool
  public var keep: Bool
  /// The end of the process that started the run ends it too.
  public var diesWithParent: Bool
  public var runID: String?
  public var tests: String?
  public var trigger: String?

  /// The arguments as they were typed; nil where the environment decides.
  public struct Arguments: Sendable {
    public var recipe: String?
    public var ref: String?
    public var pr: String?
    public var src: String?
    public var version: String?
    public var tiers: String?
    public var quick = false
    public var orCold = false
    public var extra = false
    public var keep = false
    public var diesWithParent = false
    public var runID: String?
    public var tests: String?

    public init() {}
  }

  /// Pure. Failures: `usage` for anything that is not exactly what it should be; `bug` for what is not built.
  public static func make(_ arguments: Arguments, environment: [String: String]) throws(Failure) -> RunRequest {
    func value(_ argument: String?, _ variable: String) -> String? { (argument ?? environment[variable]).flatMap { $0.isEmpty ? nil : $0 } }
    guard let name = value(arguments.recipe, "RECIPE") else {
      throw Failure(.usage, "no recipe named", next: "name it as its repository, for example custom-html")
    }
    let recipe = try RecipeName(name)
    let isQuick = arguments.quick || isOn(environment["CCCI_QUICK"])
    guard isQuick || !arguments.orCold else {
      throw Failure(.usage, "--or-cold without --quick", why: "a run is cold anyway", next: "leave it out, or add --quick")
    }
    guard !isQuick || !arguments.keep else {
      throw Failure(
        .usage, "--keep with --quick", why: "the canonical's data is put back after the run", next: "leave out one of them")
    }
    let pr = try number(value(arguments.pr, "PR"))
    return RunRequest(
      recipe: recipe,
      target: try target(ref: value(arguments.ref, "REF"), pr: pr, version: value(arguments.version, "VERSION")),
      src: try value(arguments.src, "SRC").map { (text) throws(Failure) in try Git.checked(text) },
      tiers: try value(arguments.tiers, "STAGES").map { (text) throws(Failure) in try Tier.list(text) } ?? Tier.allCases,
      extra: arguments.extra || isOn(environment["EXTRA_TESTS"]),
      mode: isQuick ? .quick : .cold,
      orCold: arguments.orCold || isOn(environment["CCCI_OR_COLD"]),
      keep: arguments.keep,
      diesWithParent: arguments.diesWithParent,
      runID: try arguments.runID.map { (text) throws(Failure) in try identifier(text) },
      tests: arguments.tests,
      trigger: try value(nil, "CCCI_TRIGGER").map { (text) throws(Failure) in try triggerKey(text) })
  }

  private static func target(ref: String?, pr: Int?, version: String?) throws(Failure) -> Checkout.Target {
    if let ref {
      guard version == nil else {
        throw Failure(.usage, "both a ref and a version", why: "a run tests one commit", next: "leave out --ref or --version")
      }
      return .commit(try CommitID.pinned(ref), pr: pr)
    }
    guard pr == nil else {
      throw Failure(
        .usage, "a pull request without a ref", why: "a run is pinned to one commit", next: "add --ref with the head's full commit id")
    }
    guard let version else { return .latest }
    guard let tag = RecipeVersion(version) else {
      throw Failure(.usage, "version \"\(version.prefix(80))\": is no version", next: "write it as its tag, for example 1.2.0+1.27.2")
    }
    return .version(tag)
  }

  private static func number(_ text: String?) throws(Failure) -> Int? {
    guard let text, text != "0" else { return nil }
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text), number < 1 << 31 else {
      throw Failure(.usage, "pr \"\(text.prefix(40))\": is no pull request number", next: "digits only, for example --pr 12")
    }
    return number
  }

  private static func identifier(_ text: String) throws(Failure) -> String {
    let allowed = text.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "-_.".utf8.contains($0)
    }
    guard allowed, let first = text.utf8.first, first != 45, first != 46, text.utf8.count <= 64 else {
      throw Failure(
        .usage, "run id \"\(text.prefix(80))\": cannot name a folder", next: "letters, digits, - _ and . only, for example m-test-1")
    }
    return text
  }

  private static func triggerKey(_ text: String) throws(Failure) -> String {
    guard text.utf8.count <= 200, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw Failure(.usage, "CCCI_TRIGGER is no trigger key", next: "it is host/owner/repo#n@comment, made by ccci-poll")
    }
    return text
  }

  private static func isOn(_ text: String?) -> Bool { ["1", "true", "yes"].contains(text?.lowercased()) }
}

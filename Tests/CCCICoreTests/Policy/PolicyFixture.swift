import Testing

@testable import CCCICore

/// A compose file of `Fixtures/policy`, judged as one of the app `note-ab12cd.ci.example.org`. Comment lines before `---` say what it is given
/// and what must be found:
///
///     # refuse <grace> <subject> -> <key>      a finding, with its value on the next line behind `# = `
///     # allow <subject> <key> <value>          an entry of recipe.toml that the file needs
///     # env NAME=value                         a variable of the app
///     # file <path> [text]                     a file that the recipe has
///     # link <path> <target>                   a path that leads out of it
struct PolicyFixture: Sendable, CustomTestStringConvertible {
  var name: String
  var findings: [PolicyFinding.Identity] = []
  var graces: [PolicyFinding.Grace] = []
  var allowances: [PolicyAllowance] = []
  var environment = ["DOMAIN": domain.text, "STACK_NAME": domain.stack, "LETS_ENCRYPT_ENV": ""]
  var files = PolicyFiles()
  /// Path and text of each compose file, a second one from beside the first.
  var texts: [(path: String, text: String)] = []
  var testDescription: String { name }

  static let domain = AppDomain("note-ab12cd.ci.example.org")
  static let context = PolicyContext(domain: domain, proxy: "proxy")
  static let tests = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  static let folder = "\(tests)/CCCICoreTests/Fixtures/policy"

  static func all(_ kind: String) throws -> [PolicyFixture] {
    try Files.list("\(folder)/\(kind)").map { try PolicyFixture("\(folder)/\(kind)/\($0)") }
  }

  init(_ path: String) throws {
    let isFolder = try Files.status(path)?.kind == .directory
    let paths = isFolder ? ["compose.yml", "compose.evil.yml"].map { "\(path)/\($0)" } : [path]
    texts = try paths.map { ($0, String(decoding: try Files.read($0), as: UTF8.self)) }
    name = String(path.split(separator: "/").suffix(2).joined(separator: "/"))
    for line in texts[0].text.split(separator: "\n").prefix(while: { $0.hasPrefix("# ") }) { try take(String(line.dropFirst(2))) }
    try #require(findings.count == graces.count)
  }

  private var pending: (subject: String, key: String) = ("", "")

  private mutating func take(_ line: String) throws {
    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = words.count > 1 ? words[1] : ""
    switch words[0] {
    case "refuse":
      let graces: [String: PolicyFinding.Grace] = ["release": .release, "entry": .entry, "never": .never]
      let grace = try #require(rest.split(separator: " ").first.map(String.init))
      self.graces.append(try #require(graces[grace]))
      let parts = rest.dropFirst(grace.count + 1).split(separator: " -> ").map(String.init)
      try #require(parts.count == 2)
      pending = (parts[0], parts[1])
    case "=": findings.append(PolicyFinding.Identity(subject: pending.subject, key: pending.key, value: rest))
    case "allow":
      let parts = rest.split(separator: " ", maxSplits: 2).map(String.init)
      try #require(parts.count == 3)
      allowances.append(PolicyAllowance(service: parts[0], key: parts[1], value: parts[2], reason: "the test needs it"))
    case "env": set(rest)
    case "file":
      let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
      files.places[parts[0]] = .inside(text: parts.count > 1 ? parts[1] : nil)
    case "link":
      let parts = rest.split(separator: " ").map(String.init)
      files.places[parts[0]] = .outside(parts[1])
    default: break
    }
  }

  private mutating func set(_ assignment: String) {
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    environment[parts[0]] = parts[1]
  }

  /// What the policy finds in it.
  func found() throws -> [PolicyFinding] {
    let policy = ComposePolicy(Self.context)
    let raw = try texts.map { try YAMLNode.parse(Array($0.text.utf8), path: $0.path) }
    let filled = try zip(raw, texts).map { try ComposeInterpolation.filled($0, from: environment, path: $1.path) }
    return PolicyFinding.unique(
      policy.findings(raw: raw) + policy.findings(environment: environment) + policy.findings(in: filled, files: files))
  }
}

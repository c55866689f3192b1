/// A `recipe.toml` to begin with, from what a recipe's own files say. Pure. Every line of it says why it is there.
public struct RecipeProposal: Sendable {
  public var recipe: RecipeName
  /// What was read: `1.2.0+1.27.2`, or a commit.
  public var from: String
  /// `.env.sample`.
  public var sample: String
  public var facts: ComposeFacts
  /// Each compose file, filled.
  public var documents: [YAMLNode]
  /// What the compose policy refuses of it.
  public var refusals: [PolicyAnswer.Refusal]

  public init(
    recipe: RecipeName, from: String, sample: String, facts: ComposeFacts, documents: [YAMLNode], refusals: [PolicyAnswer.Refusal]
  ) {
    self.recipe = recipe
    self.from = from
    self.sample = sample
    self.facts = facts
    self.documents = documents
    self.refusals = refusals
  }

  /// The whole file; its settings are those that `RecipeSettings.read` reads back.
  public var text: String {
    let head = [
      "# tests/\(recipe)/recipe.toml, proposed from \(recipe) \(from). No line is needed: what says nothing new may go.",
      "# docs/recipe-settings.md has every key.",
    ]
    let parts = [dependencies, health, patience, backup, hooks, environment, probes, exceptions].filter { !$0.isEmpty }
    return (head + (parts.isEmpty ? ["", "# Nothing about this recipe is special."] : parts.flatMap { [""] + $0 })).joined(separator: "\n")
      + "\n"
  }

  private var values: EnvFile { EnvFile(sample) }

  private var dependencies: [String] {
    let words = ["OIDC", "KEYCLOAK", "OAUTH", "OPENID", "SSO"]
    let keys = assignments.map(\.key).filter { key in words.contains { key.uppercased().contains($0) } }
    guard let first = keys.first, !keys.isEmpty else { return [] }
    return [
      "# .env.sample speaks of single sign-on (\(first)). To test it with a realm of the run's own:", "# test_requires = [\"keycloak\"]",
    ]
  }

  /// The path that the healthcheck of `app` asks for inside of the container.
  private var health: [String] {
    for document in documents.reversed() {
      guard let test = document[path: "services", "app", "healthcheck", "test"] else { continue }
      let words = test.string ?? test.items.compactMap(\.string).joined(separator: " ")
      guard let path = Self.path(in: words), path != "/" else { continue }
      return ["# The healthcheck of app asks for it inside of the container.", "health_path = \(PolicyAllowance.quoted(path))"]
    }
    return []
  }

  static func path(in words: String) -> String? {
    guard let scheme = words.firstRange(of: "://") else { return nil }
    let rest = words[scheme.upperBound...].prefix { !" \"'|&;)".contains($0) }
    guard ["localhost", "127.0.0.1", "0.0.0.0"].contains(where: { rest.hasPrefix($0) }), let slash = rest.firstIndex(of: "/") else {
      return nil
    }
    let path = String(rest[slash...])
    return path.contains("$") || path.contains("{") ? nil : path
  }

  /// Longer than the default where the recipe itself waits longer.
  private var patience: [String] {
    var found: [(seconds: Int, why: String)] = []
    for document in documents {
      for service in document["services"]?.entries ?? [] {
        guard let text = service.value[path: "healthcheck", "start_period"]?.string, let period = DurationText.parse(text) else { continue }
        // An image has to be fetched, too, and what depends on this service begins after it.
        found.append((Int(period.seconds) * 2, "start_period of \(service.key) is \(text)"))
      }
    }
    if let timeout = values["TIMEOUT"].flatMap({ Int($0) }) { found.append((timeout, ".env.sample has TIMEOUT=\(timeout)")) }
    guard let longest = found.max(by: { $0.seconds < $1.seconds }), longest.seconds > 600 else { return [] }
    return ["# \(longest.why).", "deploy_timeout = \"\(longest.seconds)s\""]
  }

  private var backup: [String] {
    guard BackupTarget.isCapable(facts) else {
      return facts.volumes.isEmpty
        ? [] : ["# No label backupbot.backup: backup and restore are skipped, and \(facts.volumes.joined(separator: ", ")) would be lost."]
    }
    let targets = BackupTarget.all(in: facts)
    guard !targets.isEmpty, targets.allSatisfy({ !$0.path.isEmpty }) else { return [] }
    return [
      "# Only dumps are backed up (\(targets.map(\.path).joined(separator: ", "))): that a restore brings the data back is shown by a",
      "# backup_verify, or by an ops.py that seeds it and a test_restore.py that looks for it. Until then the level stays below 3.",
    ]
  }

  private var hooks: [String] {
    let lines = sample.split(separator: "\n")
    let names = lines.compactMap { line -> String? in
      guard line.contains("generate=false"), let key = EnvFile("\(line)\n").keys.first, key.hasPrefix("SECRET_") else { return nil }
      return key.dropFirst("SECRET_".count).replacing("_VERSION", with: "").lowercased()
    }
    guard !names.isEmpty else { return [] }
    return ["# abra generates no value for \(names.joined(separator: ", ")): insert one in install_steps.sh."]
  }

  /// Names beside the app's own, which the wildcard certificate must cover.
  private var environment: [String] {
    let own = values["DOMAIN"] ?? ""
    let zone = own.split(separator: ".").dropFirst().joined(separator: ".")
    var lines: [String] = []
    for (key, value) in assignments where key != "DOMAIN" && RecipeSettings.owned[key] == nil {
      let isHost = value.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
      guard isHost, !own.isEmpty, !zone.isEmpty else { continue }
      if value == own {
        lines.append("\(key) = \"{domain}\"")
      } else if value.hasSuffix(".\(zone)"), let label = value.split(separator: ".").first {
        lines.append("\(key) = \"\(label)-{domain}\"")
      }
    }
    return lines.isEmpty
      ? [] : ["# .env.sample names hosts of its own: flattened, so that the wildcard certificate covers them.", "[env]"] + lines
  }

  /// Ports that are published on this host.
  private var probes: [String] {
    var ports: [Int] = []
    for document in documents {
      for service in document["services"]?.entries ?? [] {
        for item in service.value["ports"]?.items ?? [] {
          let text = item["published"]?.string ?? item.string.flatMap { $0.split(separator: ":").dropLast().last.map(String.init) }
          let isTCP = item["protocol"]?.string != "udp" && item.string?.hasSuffix("/udp") != true
          guard let port = text.flatMap({ Int($0) }), isTCP, (1...65535).contains(port), !ports.contains(port) else { continue }
          ports.append(port)
        }
      }
    }
    return ports.flatMap { ["# Published on this host: it must accept connections.", "[[ready]]", "tcp = \($0)", ""] }.dropLast()
  }

  private var exceptions: [String] {
    refusals.flatMap { refusal -> [String] in
      let why = "# The compose policy: \(refusal.finding.sentence)."
      // Commented out: an entry without a reason is refused, and the reason is not ours to find.
      return refusal.entry.isEmpty ? [why, "# No entry can allow it."] : [why] + refusal.entry.map { "# \($0)" }
    }
  }

  /// Every key with its value, in the order of the file, those in comments left out.
  private var assignments: [(key: String, value: String)] {
    let file = values
    let all = file.values
    return file.keys.map { ($0, all[$0] ?? "") }
  }
}

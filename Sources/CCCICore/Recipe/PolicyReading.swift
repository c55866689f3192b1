/// What is found while one recipe's compose files are read against the table.
struct PolicyReading {
  /// Where a value stands: whose it is, and the keys that led to it.
  struct Place {
    var subject: String
    var path: [String]

    func adding(_ key: String) -> Place { Place(subject: subject, path: path + [key]) }
    var key: String { path.joined(separator: ".") }
  }

  let context: PolicyContext
  let files: PolicyFiles
  /// What the labels of a router say elsewhere, over all files.
  let entryPoints: [String: [String]]
  /// Keys of networks that any of the files calls external.
  let shared: Set<String>
  private(set) var findings: [PolicyFinding] = []

  init(context: PolicyContext, files: PolicyFiles, documents: [YAMLNode]) {
    self.context = context
    self.files = files
    entryPoints = Self.entryPoints(documents)
    let networks = documents.flatMap { $0["networks"]?.entries ?? [] }
    shared = Set(networks.filter { $0.value["external"].map { $0.string != "false" } ?? false }.map(\.key))
  }

  mutating func add(
    _ place: Place, _ value: String, _ why: String, _ grace: PolicyFinding.Grace = .release, hint: String = ""
  ) {
    findings.append(PolicyFinding(place.subject, place.key, value, why: why, grace: grace, hint: hint))
  }

  /// Every scalar below a node, each with its own key, as one finding.
  mutating func refuse(_ node: YAMLNode, _ place: Place, _ why: String, _ grace: PolicyFinding.Grace = .release) {
    switch node.content {
    case .scalar(let text, _): add(place, node.isNull ? "" : text, why, grace)
    case .sequence(let items):
      if items.isEmpty { add(place, "[]", why, grace) }
      for item in items { refuse(item, place, why, grace) }
    case .mapping(let entries):
      if entries.isEmpty { add(place, "{}", why, grace) }
      for entry in entries { refuse(entry.value, place.adding(entry.key), why, grace) }
    }
  }

  /// A whole file.
  mutating func read(_ document: YAMLNode) {
    let top = Place(subject: "top level", path: [])
    for entry in document.entries where !entry.key.hasPrefix("x-") {
      let place = top.adding(entry.key)
      guard let key = PolicyTable.top.first(where: { $0.name == entry.key }) else {
        refuse(entry.value, place, Self.unknown)
        continue
      }
      guard case .named(let keys) = key.rule else {
        judge(entry.value, by: key, at: place, in: document)
        continue
      }
      guard !entry.value.isNull else { continue }
      guard case .mapping(let objects) = entry.value.content else {
        refuse(entry.value, place, "is no mapping")
        continue
      }
      for object in objects { read(object, of: entry.key, keys) }
    }
  }

  static let unknown = "is no key that the policy knows"

  /// One service, volume, network, config or secret.
  private mutating func read(_ object: YAMLEntry, of section: String, _ keys: [PolicyKey]) {
    let subject = section == "services" ? object.key : "\(section.dropLast()) \(object.key)"
    let place = Place(subject: subject, path: [])
    identity(of: object, section: section, at: place)
    guard !object.value.isNull else { return }
    guard case .mapping = object.value.content else { return refuse(object.value, place, "is no mapping") }
    read(object.value, keys, at: place)
  }

  /// A mapping whose keys stand in the table.
  mutating func read(_ node: YAMLNode, _ keys: [PolicyKey], at place: Place) {
    for entry in node.entries where !entry.key.hasPrefix("x-") || !place.path.isEmpty {
      let inner = place.adding(entry.key)
      if let key = keys.first(where: { $0.name == entry.key }) {
        judge(entry.value, by: key, at: inner, in: node)
      } else {
        refuse(entry.value, inner, Self.unknown)
      }
    }
  }

  private mutating func judge(_ node: YAMLNode, by key: PolicyKey, at place: Place, in parent: YAMLNode) {
    switch key.rule {
    case .accepted: return
    case .refused: refuse(node, place, key.words)
    case .only(let values):
      guard let text = node.string, values.contains(text) else {
        if case .sequence(let items) = node.content {
          for item in items where !values.contains(item.string ?? "") { refuse(item, place, key.words) }
        } else if !node.isNull {
          refuse(node, place, key.words)
        }
        return
      }
    case .keys(let keys), .named(let keys):
      guard !node.isNull else { return }
      guard case .mapping = node.content else { return refuse(node, place, "is no mapping") }
      read(node, keys, at: place)
    case .judged(let judge): self.judge(node, by: judge, words: key.words, at: place)
    }
  }

  private mutating func judge(_ node: YAMLNode, by judge: PolicyJudge, words: String, at place: Place) {
    guard !node.isNull else { return }
    switch judge {
    case .mounts: mounts(node, place)
    case .ports: ports(node, place, words)
    case .environment: environment(node, place)
    case .envFile: environmentFiles(node, place)
    case .labels: labels(node, place)
    case .networks: networks(node, place)
    case .grants: grants(node, place)
    case .template: template(node.string ?? "", place)
    case .hosts: hosts(node, place)
    case .replicas:
      guard let count = node.string.flatMap({ Int($0) }), (0...10).contains(count) else {
        return refuse(node, place, "is more than this host gives one service")
      }
    case .identity: return
    case .file: file(node, place)
    }
  }

  /// The pairs of a mapping, or of a list of `key=value`. What is neither is found, and nil.
  mutating func pairs(_ node: YAMLNode, _ place: Place) -> [(key: String, value: String)] {
    var found: [(key: String, value: String)] = []
    switch node.content {
    case .mapping(let entries):
      for entry in entries {
        if case .scalar(let text, _) = entry.value.content {
          found.append((entry.key, entry.value.isNull ? "" : text))
        } else {
          refuse(entry.value, place.adding(entry.key), "is no text")
        }
      }
    case .sequence(let items):
      for item in items {
        guard case .scalar(let text, _) = item.content else {
          refuse(item, place, "is no text")
          continue
        }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        found.append((parts[0], parts.count > 1 ? parts[1] : ""))
      }
    case .scalar: refuse(node, place, "is neither a mapping nor a list")
    }
    return found
  }

  /// Router → what the labels call its entry points, whatever service and file they stand in. Names in lower case: traefik compares so.
  private static func entryPoints(_ documents: [YAMLNode]) -> [String: [String]] {
    var found: [String: [String]] = [:]
    for service in documents.flatMap({ $0["services"]?.entries ?? [] }) {
      for node in [service.value["labels"], service.value["deploy"]?["labels"]].compactMap({ $0 }) {
        let texts = node.entries.map { ($0.key, $0.value.string ?? "") } + node.items.compactMap { Self.pair($0.string ?? "") }
        for (key, value) in texts {
          let parts = key.lowercased().split(separator: ".", omittingEmptySubsequences: false)
          guard parts.count == 5, parts[0] == "traefik", parts[2] == "routers", parts[4] == "entrypoints" else { continue }
          found["\(parts[1]).\(parts[3])", default: []] += value.lowercased().split(separator: ",").map {
            String($0.filter { !$0.isWhitespace })
          }
        }
      }
    }
    return found
  }

  private static func pair(_ text: String) -> (String, String)? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}

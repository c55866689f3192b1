/// What a service takes of the host: paths, ports, files.
extension PolicyReading {
  /// Paths of the host that every app may read.
  private static let clocks = ["/etc/timezone", "/etc/localtime"]

  mutating func mounts(_ node: YAMLNode, _ place: Place) {
    guard case .sequence(let items) = node.content else { return refuse(node, place, "is no list") }
    for item in items {
      switch item.content {
      case .scalar(let text, _): mount(text, place)
      case .mapping: mount(item, place)
      case .sequence: refuse(item, place, "is no mount")
      }
    }
  }

  /// `[source:]target[:options]`
  private mutating func mount(_ text: String, _ place: Place) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 3, let target = parts.count == 1 ? parts.first : parts[1], Self.isPath(target) else {
      return add(place, text, "is no mount that the policy can read")
    }
    guard parts.count > 1 else { return }
    let options = parts.count == 3 ? parts[2].split(separator: ",").map(String.init).filter { $0 != "rw" } : []
    mount("volume or path", parts[0], target, options, place)
  }

  private mutating func mount(_ node: YAMLNode, _ place: Place) {
    let target = node["target"]?.string ?? ""
    let source = node["source"]?.string ?? ""
    var options = node["read_only"]?.string == "true" ? ["ro"] : []
    var left: [YAMLEntry] = []
    for entry in node.entries {
      switch entry.key {
      case "type", "source", "target", "read_only", "consistency":
        if entry.value.string == nil, !entry.value.isNull { left.append(entry) }
      case "volume": left += entry.value.entries.filter { $0.key != "nocopy" }
      case "tmpfs": left += entry.value.entries.filter { $0.key != "size" && $0.key != "mode" }
      case "bind": options += entry.value.entries.map { "\($0.key)=\($0.value.string ?? "")" }
      default: left.append(entry)
      }
    }
    for entry in left { refuse(entry.value, place.adding(entry.key), Self.unknown) }
    guard Self.isPath(target) else { return add(place, "\(source):\(target)", "is no mount that the policy can read") }
    mount(node["type"]?.string ?? "volume or path", source, target, options, place)
  }

  private mutating func mount(_ kind: String, _ source: String, _ target: String, _ options: [String], _ place: Place) {
    let text = ([source, target] + (options.isEmpty ? [] : [options.joined(separator: ",")])).joined(separator: ":")
    switch kind {
    case "tmpfs" where source.isEmpty: return
    case "volume" where source.isEmpty: return
    case "volume" where Self.isVolume(source), "volume or path" where Self.isVolume(source):
      let strange = options.filter { $0 != "ro" && $0 != "nocopy" }
      if !strange.isEmpty { add(place, text, "mounts with \(strange.joined(separator: ", "))") }
    case "bind" where Self.clocks.contains(source) && options == ["ro"]: return
    case "volume or path" where Self.clocks.contains(source) && options == ["ro"]: return
    case "bind", "volume", "volume or path":
      let isSocket = source.contains("docker.sock") || target.contains("docker.sock") || source.contains("containerd")
      let words = isSocket ? "the docker socket is root on this host" : "is a path of this host"
      add(place, text, words, hint: Self.clocks.contains(source) ? "mount it read-only" : "")
    default: add(place, "\(kind):\(text)", "is a kind of mount that the policy does not know")
    }
  }

  private static func isPath(_ text: String) -> Bool { text.hasPrefix("/") && !text.contains("{{") }

  /// As docker reads it: of a single letter it makes a drive, of everything with a slash a path.
  private static func isVolume(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count > 1 else { return false }
    func isPlain(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) }
    return isPlain(first) && text.utf8.allSatisfy { isPlain($0) || $0 == 45 || $0 == 46 || $0 == 95 }
  }

  mutating func ports(_ node: YAMLNode, _ place: Place, _ why: String) {
    guard case .sequence(let items) = node.content else { return refuse(node, place, why) }
    for item in items {
      switch item.content {
      case .scalar(let text, _): add(place, Self.port(text), why)
      case .mapping(let entries):
        for entry in entries where !["target", "published", "protocol", "mode"].contains(entry.key) {
          refuse(entry.value, place.adding(entry.key), Self.unknown)
        }
        let word = { (key: String) in item[key]?.string ?? "" }
        let published = word("published").isEmpty ? "" : "\(word("published")):"
        let mode = ["", "ingress"].contains(word("mode")) ? "" : " \(word("mode"))"
        add(place, "\(published)\(word("target"))/\(word("protocol").isEmpty ? "tcp" : word("protocol"))\(mode)", why)
      case .sequence: refuse(item, place, why)
      }
    }
  }

  /// `[address:][published:]target[/protocol]`; swarm listens on every address, whatever is written.
  private static func port(_ text: String) -> String {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ":", omittingEmptySubsequences: false).suffix(2).filter { !$0.isEmpty }
    return "\(numbers.joined(separator: ":"))/\(parts.count > 1 ? String(parts[1]) : "tcp")"
  }

  mutating func file(_ node: YAMLNode, _ place: Place) {
    guard let path = node.string else { return refuse(node, place, "is no text") }
    _ = inside(path, place)
  }

  /// The text of an `env_file`, when it is one of the recipe's own.
  private mutating func inside(_ path: String, _ place: Place) -> String? {
    switch files[path] {
    case .inside(let text): return text ?? ""
    case .outside(let target):
      let led = target == path ? "" : ", at \(target)"
      add(place, path, "is a file outside of the recipe\(led)", .never, hint: "put the file into the recipe, and no link")
      return nil
    }
  }

  mutating func environmentFiles(_ node: YAMLNode, _ place: Place) {
    if case .mapping = node.content { return refuse(node, place, "is neither a text nor a list") }
    for item in node.string == nil ? node.items : [node] {
      guard let path = item.string else {
        refuse(item, place, "is no text")
        continue
      }
      guard let text = inside(path, place) else { continue }
      for line in text.split(whereSeparator: \.isNewline) where line.contains("{{") {
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        template(parts.last ?? "", place.adding(parts.first ?? ""))
      }
    }
  }

  mutating func environment(_ node: YAMLNode, _ place: Place) {
    for pair in pairs(node, place) {
      template(pair.key, place)
      template(pair.value, place.adding(pair.key))
    }
  }

  /// `{{.Task.Slot}}`: swarm fills them in for each task. Only what names the task itself or where it runs.
  mutating func template(_ text: String, _ place: Place) {
    if !Self.isHarmless(template: text) { add(place, text, "has a template of swarm that can say anything") }
  }

  private static let harmless = [
    ".Service.ID", ".Service.Name", ".Task.ID", ".Task.Name", ".Task.Slot", ".Node.ID", ".Node.Hostname",
  ]

  private static func isHarmless(template text: String) -> Bool {
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      rest = rest[open.upperBound...]
      guard let close = rest.firstRange(of: "}}") else { return false }
      guard harmless.contains(rest[..<close.lowerBound].split(separator: " ").joined(separator: " ")) else { return false }
      rest = rest[close.upperBound...]
    }
    return true
  }

  mutating func hosts(_ node: YAMLNode, _ place: Place) {
    for pair in pairs(node, place) where "\(pair.key) \(pair.value)".contains("host-gateway") {
      add(place, pair.value.isEmpty ? pair.key : "\(pair.key):\(pair.value)", "leads to what this host itself listens on")
    }
  }
}

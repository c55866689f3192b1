/// What a recipe's compose files may ask of this host: an allow-list of keys (`PolicyTable`), everything else is found by name.
///
/// Each file is judged as it stands and not what docker merges of them: whatever a merge takes, it takes from one of them.
public struct ComposePolicy: Sendable {
  public let context: PolicyContext

  public init(_ context: PolicyContext) { self.context = context }

  /// Findings in compose files that were filled from one environment.
  public func findings(in documents: [YAMLNode], files: PolicyFiles) -> [PolicyFinding] {
    var reading = PolicyReading(context: context, files: files, documents: documents)
    for document in documents { reading.read(document) }
    return PolicyFinding.unique(reading.findings)
  }

  /// Findings in compose files before they are filled: variables that another reader than ours would fill otherwise.
  ///
  /// Docker ends `${A:-…}` at the first brace, we at the matching one: `${A-{} || Host(`other`) // }` is nothing to us and a host to docker.
  public func findings(raw documents: [YAMLNode]) -> [PolicyFinding] {
    var found: [PolicyFinding] = []
    func look(_ node: YAMLNode, _ path: [String]) {
      switch node.content {
      case .scalar(let text, _):
        guard Self.isAmbiguous(text) else { return }
        let subject =
          path.first == "services" && path.count > 1 ? path[1] : path.count > 1 ? "\(path[0].dropLast()) \(path[1])" : "top level"
        found.append(
          PolicyFinding(
            subject, path.dropFirst(2).joined(separator: "."), text, why: "has a variable that docker reads otherwise", grace: .never,
            hint: "write variables as ${NAME} or ${NAME:-default}, without braces or variables in the default"))
      case .sequence(let items): for item in items { look(item, path) }
      case .mapping(let entries):
        for entry in entries where !(path.isEmpty && entry.key.hasPrefix("x-")) { look(entry.value, path + [entry.key]) }
      }
    }
    for document in documents { look(document, []) }
    return PolicyFinding.unique(found)
  }

  static func isAmbiguous(_ text: String) -> Bool {
    var rest = text.unicodeScalars[...]
    while let dollar = rest.firstIndex(of: "$") {
      rest = rest[dollar...].dropFirst()
      if rest.first == "$" {
        rest = rest.dropFirst()
      } else if rest.first == "{" {
        let body = rest.dropFirst().prefix { $0 != "}" }
        // Beyond ASCII, docker takes some letters for letters of a name.
        let name = body.prefix { $0 != ":" && $0 != "-" && $0 != "?" && $0 != "+" }
        if body.contains(where: { $0 == "{" || $0 == "$" }) || name.contains(where: { !$0.isASCII }) { return true }
        rest = rest.dropFirst(body.count + 1)
      } else {
        let name = rest.prefix { $0 == "_" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0) || !$0.isASCII }
        if name.contains(where: { $0 == "\u{17F}" || $0 == "\u{212A}" }) { return true }
        rest = rest.dropFirst(name.count)
      }
    }
    return false
  }

  /// Findings in the values that fill the files, and that abra also gives to the service `app`.
  public func findings(environment: [String: String]) -> [PolicyFinding] {
    let wanted = ["STACK_NAME": context.stack, "DOMAIN": context.domain.text, "LETS_ENCRYPT_ENV": ""]
    var found = wanted.sorted { $0.key < $1.key }.compactMap { key, value -> PolicyFinding? in
      guard let other = environment[key], other != value else { return nil }
      return PolicyFinding(
        "app environment", key, other, why: "is cc-ci's to set", grace: .never, hint: "take it out of abra.sh or .env.sample")
    }
    var reading = PolicyReading(context: context, files: PolicyFiles(), documents: [])
    for (key, value) in environment.sorted(by: { $0.key < $1.key }) {
      reading.template(value, PolicyReading.Place(subject: "app environment", path: [key]))
    }
    found += reading.findings
    return found
  }

  /// Findings in `.env.sample`: a quote that does not end on its line. To one reader the lines behind it are text, to another assignments.
  public func findings(sample: String) -> [PolicyFinding] {
    var found: [PolicyFinding] = []
    for line in sample.unicodeScalars.split(separator: "\n") where Self.isOpen(line) {
      let text = String(line.filter { $0 != "\r" })
      found.append(
        PolicyFinding("file .env.sample", "line", text, why: "has a quote that does not end on its line", hint: "end it, or write \\n"))
    }
    return found
  }

  private static func isOpen(_ line: Substring.UnicodeScalarView) -> Bool {
    var rest = line.drop { $0 == " " || $0 == "\t" }
    guard rest.first != "#", let sign = rest.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return false }
    rest = rest[sign...].dropFirst().drop { $0 == " " || $0 == "\t" }
    guard let quote = rest.popFirst(), quote == "\"" || quote == "'" else { return false }
    while let scalar = rest.popFirst() {
      if scalar == quote { return false }
      if scalar == "\\", quote == "\"" { _ = rest.popFirst() }
    }
    return true
  }
}

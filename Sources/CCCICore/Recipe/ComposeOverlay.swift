/// `tests/<recipe>/compose.ccci.yml`: environment that the services of a recipe get in a test, and nothing else.
public struct ComposeOverlay: Sendable, Equatable {
  /// Its name in the recipe's folder here, and beside the recipe's own compose files in a run.
  public static let fileName = "compose.ccci.yml"

  public struct Service: Sendable, Equatable {
    public var name: String
    /// In the order of the file.
    public var environment: [Variable]
    public var line: Int
  }

  public struct Variable: Sendable, Equatable {
    public var name: String
    /// As compose reads it: `${…}` is filled from the app's `.env`.
    public var value: String
  }

  public var services: [Service]

  /// Throws `badData` naming file, line and key for whatever is not environment.
  public init(_ bytes: [UInt8], path: String) throws(Failure) {
    let root = try YAMLNode.parse(bytes, path: path)
    services = []
    for entry in root.entries where entry.key != "version" {
      guard entry.key == "services" else { throw Self.refused(path, entry.value.line, entry.key) }
      for service in entry.value.entries { services.append(try Self.service(service, path)) }
    }
    guard !services.isEmpty else {
      throw Failure(.badData, "\(path): sets nothing", next: "give a service some environment, or remove the file")
    }
  }

  /// The file for one commit: only the services that its compose files have. JSON, which is YAML, and of the same format version, as docker wants it.
  public func text(for services: Set<String>, version: String?) -> String {
    var parts: [String] = []
    for service in self.services where services.contains(service.name) {
      let pairs = service.environment.map { "\(Self.quoted($0.name)): \(Self.quoted($0.value))" }.joined(separator: ", ")
      parts.append("    \(Self.quoted(service.name)): {\"environment\": {\(pairs)}}")
    }
    let head = version.map { "  \"version\": \(Self.quoted($0)),\n" } ?? ""
    return "{\n\(head)  \"services\": {\n\(parts.joined(separator: ",\n"))\n  }\n}\n"
  }

  /// A service that the recipe does not have: nothing would set what the file says.
  public func checkServices(_ known: [String], path: String) throws(Failure) {
    for service in services where !known.contains(service.name) {
      let near = Nearest.name(to: service.name, among: known).map { "did you mean \($0)? " } ?? ""
      throw Failure(
        .badData, "\(path): line \(service.line): \(service.name): the recipe has no such service",
        next: "\(near)its services are \(known.sorted().joined(separator: ", "))")
    }
  }

  private static func service(_ entry: YAMLEntry, _ path: String) throws(Failure) -> Service {
    var variables: [Variable] = []
    for key in entry.value.entries {
      guard key.key == "environment" else { throw refused(path, key.value.line, "services.\(entry.key).\(key.key)") }
      for pair in key.value.entries {
        guard let value = pair.value.string else { throw unset(path, pair.value.line, pair.key) }
        variables.append(Variable(name: pair.key, value: value))
      }
      for item in key.value.items {
        guard let text = item.string, let sign = text.firstIndex(of: "="), sign != text.startIndex else {
          throw unset(path, item.line, item.string ?? "an entry")
        }
        variables.append(Variable(name: String(text[..<sign]), value: String(text[text.index(after: sign)...])))
      }
    }
    guard !variables.isEmpty else {
      throw Failure(
        .badData, "\(path): line \(entry.value.line): \(entry.key): sets nothing", next: "give it environment, or remove the service")
    }
    return Service(name: entry.key, environment: variables, line: entry.value.line)
  }

  private static func refused(_ path: String, _ line: Int, _ key: String) -> Failure {
    Failure(
      .badData, "\(path): line \(line): \(key): only environment may stand there", why: "what is tested is the recipe as it is",
      next: "write services: <name>: environment: …, or change the recipe")
  }

  private static func unset(_ path: String, _ line: Int, _ name: String) -> Failure {
    Failure(.badData, "\(path): line \(line): \(name): has no value", next: "write it as NAME: value, or NAME=value")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\0"..<" ": result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

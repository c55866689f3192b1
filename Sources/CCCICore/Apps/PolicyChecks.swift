/// The files that the compose policy judges, and what their paths lead to.
public struct PolicyChecks: Sendable {
  public let recipe: RecipeName
  public let policy: ComposePolicy

  public init(recipe: RecipeName, policy: ComposePolicy) {
    self.recipe = recipe
    self.policy = policy
  }

  /// Everything that the policy finds in a checkout.
  ///
  /// - Parameter environment: what fills its compose files. They are filled a second time from what else abra might make of `abra.sh`.
  /// - Throws: `badData` when the files cannot be read at all.
  public func findings(in checkout: String, environment: [String: String]) throws(Failure) -> [PolicyFinding] {
    let sample = String(decoding: try Files.readIfPresent("\(checkout)/.env.sample") ?? [], as: UTF8.self)
    let script = String(decoding: try Files.readIfPresent("\(checkout)/abra.sh") ?? [], as: UTF8.self)
    let other = environment.merging(AbraExports.asRemembered(script)) { $1 }
    var found = policy.findings(sample: sample)
    for environment in other == environment ? [environment] : [environment, other] {
      found += policy.findings(environment: environment)
      let documents = try ComposeFiles.documents(in: checkout, environment: environment, of: recipe)
      let folder = Files.split(ComposeFiles.names(environment).first ?? "").folder
      var places: [String: PolicyFiles.Place] = [:]
      for path in documents.reduce(into: Set<String>(), { $0.formUnion(PolicyFiles.paths(in: $1.filled)) }) {
        places[path] = try Self.place(path, in: checkout, below: folder)
      }
      found += policy.findings(raw: documents.map(\.raw))
      found += policy.findings(in: documents.map(\.filled), files: PolicyFiles(places))
    }
    return PolicyFinding.unique(found)
  }

  /// Where a path leads, links followed. Docker reads it from the folder of the first compose file, taking `..` by its letters; from the top,
  /// and as the kernel takes `..`, it must not lead out either.
  static func place(_ path: String, in checkout: String, below folder: String) throws(Failure) -> PolicyFiles.Place {
    guard !path.isEmpty, !path.hasPrefix("~") else { return .outside(path) }
    let root = try Files.resolve(checkout)
    let full = path.hasPrefix("/") ? [path] : ["\(root)/\(path)"] + (folder == "." ? [] : ["\(root)/\(folder)/\(path)"])
    var text: String?
    for way in Set(full + full.map(cleaned)) {
      let target = try resolved(way)
      guard target.hasPrefix("\(root)/"), target != "\(root)/.git", !target.hasPrefix("\(root)/.git/") else { return .outside(target) }
      guard try Files.status(target)?.kind == .file else { continue }
      text = (text ?? "") + String(decoding: try Files.read(target), as: UTF8.self) + "\n"
    }
    return .inside(text: text)
  }

  /// Without `.` and `..`, by the letters alone.
  private static func cleaned(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The end of all links. Of a path that does not exist yet, its nearest folder that does, and the rest as written.
  private static func resolved(_ path: String) throws(Failure) -> String {
    var (head, rest) = (path, [String]())
    while try Files.status(head) == nil {
      let (folder, name) = Files.split(head)
      guard name != "..", folder != head else { return "/" }
      if !name.isEmpty, name != "." { rest.append(name) }
      head = folder
    }
    do throws(Failure) {
      return ([try Files.resolve(head)] + rest.reversed()).joined(separator: "/")
    } catch {
      // A link that leads nowhere may lead somewhere later.
      return "/"
    }
  }
}

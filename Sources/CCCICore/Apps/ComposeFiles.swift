/// The compose files of a checkout, read, filled and merged.
public enum ComposeFiles {
  /// One file of `COMPOSE_FILE`, before and after its variables were filled.
  struct Document: Sendable {
    /// `notes: compose.yml`, for messages.
    var path: String
    var raw: YAMLNode
    var filled: YAMLNode
  }

  /// What they say.
  ///
  /// - Parameter environment: what `${…}` is filled from, and nothing else: the app's `.env`, `abra.sh` and `STACK_NAME`.
  /// - Throws: `badData` naming file and line when they do not parse or are no compose files; never follows a link out of the checkout.
  public static func facts(in checkout: String, environment: [String: String], of recipe: RecipeName) throws(Failure) -> ComposeFacts {
    let facts = try ComposeFacts(
      try documents(in: checkout, environment: environment, of: recipe).map { ComposeFacts.File(path: $0.path, root: $0.filled) })
    try facts.checkImages("\(recipe): \(names(environment).joined(separator: " + "))")
    return facts
  }

  /// The names of the files below the checkout.
  static func names(_ environment: [String: String]) -> [String] {
    (environment["COMPOSE_FILE"] ?? "compose.yml").split(separator: ":").map(String.init)
  }

  /// Each file by itself, in the order in which docker merges them.
  static func documents(
    in checkout: String, environment: [String: String], of recipe: RecipeName
  ) throws(Failure) -> [Document] {
    let root = try Files.resolve(checkout)
    return try names(environment).map { (name) throws(Failure) in
      let path = "\(recipe): \(name)"
      let resolved = try Files.status("\(checkout)/\(name)") == nil ? nil : try Files.resolve("\(checkout)/\(name)")
      guard let resolved, resolved.hasPrefix("\(root)/") else {
        throw Failure(
          .badData, "\(path): \(resolved == nil ? "does not exist" : "lies outside of the recipe")", why: "COMPOSE_FILE names it",
          next: "add the file, or correct COMPOSE_FILE in .env.sample or [env] of recipe.toml")
      }
      let raw = try YAMLNode.parse(Array(try Files.textIfPresent(resolved, as: path)?.utf8 ?? "".utf8), path: path)
      return Document(path: path, raw: raw, filled: try ComposeInterpolation.filled(raw, from: environment, path: path))
    }
  }
}

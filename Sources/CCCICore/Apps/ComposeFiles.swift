/// The compose files of a checkout, read, filled and merged.
public enum ComposeFiles {
  /// What they say.
  ///
  /// - Parameter environment: what `${…}` is filled from, and nothing else: the app's `.env`, `abra.sh` and `STACK_NAME`.
  /// - Throws: `badData` naming file and line when they do not parse or are no compose files; never follows a link out of the checkout.
  public static func facts(in checkout: String, environment: [String: String], of recipe: RecipeName) throws(Failure) -> ComposeFacts {
    let root = try Files.resolve(checkout)
    var files: [ComposeFacts.File] = []
    for name in (environment["COMPOSE_FILE"] ?? "compose.yml").split(separator: ":").map(String.init) {
      let path = "\(recipe): \(name)"
      let resolved = try Files.status("\(checkout)/\(name)") == nil ? nil : try Files.resolve("\(checkout)/\(name)")
      guard let resolved, resolved.hasPrefix("\(root)/") else {
        throw Failure(
          .badData, "\(path): \(resolved == nil ? "does not exist" : "lies outside of the recipe")", why: "COMPOSE_FILE names it",
          next: "add the file, or correct COMPOSE_FILE in .env.sample or [env] of recipe.toml")
      }
      let document = try YAMLNode.parse(try Files.read(resolved), path: path)
      files.append(ComposeFacts.File(path: path, root: try ComposeInterpolation.filled(document, from: environment, path: path)))
    }
    return try ComposeFacts(files)
  }
}

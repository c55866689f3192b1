/// Merges and interpolates a recipe's compose files with docker's own reader, `docker stack config`, which creates nothing.
public struct ComposeFiles: Sendable {
  public let programs: Programs

  public init(programs: Programs) { self.programs = programs }

  /// The merged document of a checkout.
  ///
  /// - Parameters:
  ///   - environment: what `${…}` is filled from, and nothing else: the app's `.env`, `abra.sh` and `STACK_NAME`.
  /// - Throws: `badData` with docker's words when the files do not parse or do not fit the schema.
  public func facts(in checkout: String, environment: [String: String], of recipe: RecipeName) async throws(Failure) -> ComposeFacts {
    let files = (environment["COMPOSE_FILE"] ?? "compose.yml").split(separator: ":").map(String.init)
    for file in files {
      let resolved = try Files.status("\(checkout)/\(file)") == nil ? nil : try Files.resolve("\(checkout)/\(file)")
      guard let resolved, resolved.hasPrefix(try Files.resolve(checkout) + "/") else {
        throw Failure(
          .badData, "\(recipe): \(file): \(resolved == nil ? "does not exist" : "lies outside of the recipe")",
          why: "COMPOSE_FILE names it", next: "add the file, or correct COMPOSE_FILE in .env.sample or [env] of recipe.toml")
      }
    }
    let interpolation = Programs(
      host: programs.host, environment: environment.merging(programs.environment.filter { Self.kept.contains($0.key) }) { $1 },
      record: programs.record)
    let result = try await interpolation.call(
      "docker-stack-config", "docker", ["stack", "config"] + files.flatMap { ["-c", $0] }, in: checkout, limit: .seconds(60))
    let name = files.joined(separator: " + ")
    guard result.ok else {
      throw Failure(
        .badData, "\(recipe): \(name): does not parse",
        why: TerminalText.tail(result.errorText).last ?? "docker stack config: \(result.status)",
        next: "check it with: docker stack config -c \(files.joined(separator: " -c "))")
    }
    return try ComposeFacts(try YAMLNode.parse(result.output, path: "\(recipe): \(name)"), path: "\(recipe): \(name)")
  }

  /// What docker itself needs of ours.
  private static let kept = ["PATH", "HOME", "DOCKER_CONFIG", "LC_ALL", "CCCI_COOKIE"]
}

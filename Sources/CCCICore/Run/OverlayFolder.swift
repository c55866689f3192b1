/// The folder `tests/` of this repository, found and listed.
public struct OverlayFolder: Sendable, Equatable {
  public let path: String

  /// From `--tests`, else Drone's workspace, else the settings, else `./tests`. nil when there is none.
  public static func find(argument: String?, environment: [String: String], settings: Settings) throws(Failure) -> OverlayFolder? {
    if let argument {
      guard !argument.isEmpty else {
        throw Failure(.usage, "--tests is empty", next: "point --tests at the tests/ of cc-ci's repository, or leave it out")
      }
      guard try Files.status(argument) != nil else {
        throw Failure(
          .noInput, "\(argument): does not exist", why: "--tests names it", next: "point --tests at the tests/ of cc-ci's repository")
      }
      return OverlayFolder(path: try Files.resolve(argument))
    }
    let workspace = environment["DRONE"] == "true" ? environment["DRONE_WORKSPACE"].map { "\($0)/tests" } : nil
    for candidate in [workspace, settings.host.tests, "tests"].compactMap({ $0 }) {
      if try Files.status(candidate) != nil { return OverlayFolder(path: try Files.resolve(candidate)) }
    }
    return nil
  }

  public func settings(of recipe: RecipeName) -> String { "\(path)/\(recipe)/recipe.toml" }

  /// The recipes whose own tests may run; none without a list.
  public func approval() throws(Failure) -> RepoLocalApproval {
    let bytes = try Files.readIfPresent("\(path)/\(RepoLocalApproval.fileName)") ?? []
    return try RepoLocalApproval(String(decoding: bytes, as: UTF8.self), path: "tests/\(RepoLocalApproval.fileName)")
  }

  /// The entries that `OverlayPlan` looks at; empty for a recipe without a folder.
  public func entries(of recipe: RecipeName) throws(Failure) -> [OverlayPlan.Entry] {
    let folder = "\(path)/\(recipe)"
    return try Files.status(folder) == nil ? [] : Self.entries(in: folder)
  }

  /// The files of a folder, to any depth.
  static func entries(in folder: String) throws(Failure) -> [OverlayPlan.Entry] {
    var entries: [OverlayPlan.Entry] = []
    // To any depth: a test that nobody sees must not look like one that passed.
    var places = [""]
    while let place = places.popLast() {
      for name in try Files.list("\(folder)/\(place)") where !name.hasPrefix(".") && name != "__pycache__" {
        let path = place.isEmpty ? name : "\(place)/\(name)"
        if try Files.status("\(folder)/\(path)")?.kind == .directory {
          places.append(path)
        } else {
          let isExecutable = Files.isExecutable("\(folder)/\(path)")
          entries.append(OverlayPlan.Entry(path, isExecutable: isExecutable, fault: try fault("\(folder)/\(path)", isExecutable)))
        }
      }
    }
    return entries
  }

  /// Why a file could not be run. Python is called with the file, whatever its first line says.
  private static func fault(_ path: String, _ isExecutable: Bool) throws(Failure) -> String? {
    if try Files.status(path)?.kind == .symlink {
      do throws(Failure) { _ = try Files.resolve(path) } catch { return "is a link that leads nowhere" }
    }
    guard isExecutable, !path.hasSuffix(".py") else { return nil }
    return ExecutableHead.fault(try Files.head(path, ExecutableHead.length), isThere: Files.isExecutable)
  }

  /// What stands there of the recipes that one depends on.
  func dependencies(of settings: RecipeSettings) throws(Failure) -> [RecipeName: DependencyPlan.Known] {
    var known: [RecipeName: DependencyPlan.Known] = [:]
    for name in settings.requires + settings.testRequires {
      var what = DependencyPlan.Known()
      what.settings = try RecipeSettings.read(self.settings(of: name))
      what.overlays = try OverlayPlan.resolve(try entries(of: name), of: name, extra: false)
      known[name] = what
    }
    return known
  }

  /// Copies what a run needs: the folders of its recipes, the shared fixtures and the library for recipe authors.
  public func copy(for recipes: [RecipeName], to target: String) throws(Failure) {
    try Files.createDirectory(target, mode: 0o755)
    for name in recipes.map(\.text) + ["ccci_test"] where try Files.status("\(path)/\(name)") != nil {
      try Files.copyTree("\(path)/\(name)", to: "\(target)/\(name)")
    }
    for name in ["conftest.py", RepoLocalApproval.fileName] {
      if let bytes = try Files.readIfPresent("\(path)/\(name)") { try Files.write(bytes, to: "\(target)/\(name)") }
    }
  }
}

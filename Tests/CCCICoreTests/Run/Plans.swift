@testable import CCCICore

/// A request, its plan and a whole stage, for tests of what a run does with them.
enum Plans {
  static func request(_ change: (inout RunRequest.Arguments) -> Void = { _ in }, _ environment: [String: String] = [:]) throws(Failure)
    -> RunRequest
  {
    var arguments = RunRequest.Arguments()
    arguments.recipe = "notes"
    change(&arguments)
    return try RunRequest.make(arguments, environment: environment)
  }

  static var settings: Settings {
    var settings = Settings()
    settings.host.zone = "ci.example.org"
    return settings
  }

  /// - Parameter files: of `tests/notes/`; those that do not end in `.py` are executable.
  static func plan(
    _ request: RunRequest, files: [String] = [], environment: [String: String] = [:], _ change: (inout RecipeSettings) -> Void = { _ in }
  ) throws(Failure) -> RunPlan {
    var recipe = RecipeSettings()
    change(&recipe)
    let entries = files.map { OverlayPlan.Entry($0, isExecutable: !$0.hasSuffix(".py")) }
    let overlays = try OverlayPlan.resolve(entries, of: request.recipe, extra: request.extra)
    return try RunPlan.make(
      RunPlan.Question(request: request, settings: settings, recipe: recipe, overlays: overlays, environment: environment))
  }
}

import ArgumentParser

/// A word that is no verb is taken for a recipe: whoever mistyped a verb is told so once there is no such recipe.
enum VerbHint {
  /// The failure, with the verb that was perhaps meant.
  static func added(to failure: Failure, of recipe: String?) -> Failure {
    var verbs: [String] = []
    for verb in RunCommand.configuration.subcommands where verb.configuration.shouldDisplay {
      if let name = verb.configuration.commandName { verbs.append(name) }
    }
    guard failure.code == .noInput, let recipe, let verb = Nearest.name(to: recipe, among: verbs) else { return failure }
    return Failure(failure.code, failure.what, why: failure.why, next: "did you mean ccci-run \(verb)? else: \(failure.hint)")
  }
}

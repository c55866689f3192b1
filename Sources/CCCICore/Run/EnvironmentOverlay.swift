/// Puts `compose.ccci.yml` beside the compose files of the commit that is about to be deployed.
///
/// The checkout is dirty from then on: abra deploys it as chaos, base included, and adds `+U` to the commit in its label.
struct EnvironmentOverlay: Sendable {
  let stage: Stage
  let checkout: String

  static func isPlanned(_ stage: Stage) -> Bool { stage.plan.overlays.hooks.contains(ComposeOverlay.fileName) }

  /// A service that the head does not have is a mistake of the overlay; an older release may lack it.
  static func check(_ stage: Stage, head facts: ComposeFacts) throws(Failure) {
    guard isPlanned(stage) else { return }
    try read(stage).checkServices(facts.services.map(\.name), path: shown(stage))
  }

  /// After the app's `.env` has its values, and before anything is judged or deployed.
  func place() throws(Failure) {
    guard Self.isPlanned(stage) else { return }
    let overlay = try Self.read(stage)
    let before = try stage.app.values()["COMPOSE_FILE"] ?? "compose.yml"
    let names = before.split(separator: ":").map(String.init).filter { $0 != ComposeOverlay.fileName }
    try stage.app.set([("COMPOSE_FILE", names.joined(separator: ":"))], zone: stage.settings.host.zone)
    let environment = try stage.app.interpolation(checkout: checkout)
    let services = try ComposeFiles.facts(in: checkout, environment: environment, of: stage.recipe).services.map(\.name)
    let version = try ComposeFiles.documents(in: checkout, environment: environment, of: stage.recipe).first?.filled["version"]?.string
    let text = overlay.text(for: Set(services), version: version)
    try Files.write(Array(text.utf8), to: "\(checkout)/\(ComposeOverlay.fileName)")
    try stage.app.set([("COMPOSE_FILE", (names + [ComposeOverlay.fileName]).joined(separator: ":"))], zone: stage.settings.host.zone)
  }

  private static func read(_ stage: Stage) throws(Failure) -> ComposeOverlay {
    try ComposeOverlay(try Files.read("\(OverlayEnvironment(stage: stage).folder)/\(ComposeOverlay.fileName)"), path: shown(stage))
  }

  private static func shown(_ stage: Stage) -> String { "tests/\(stage.recipe)/\(ComposeOverlay.fileName)" }

  /// What abra's label must say of a commit that was deployed as chaos.
  static func chaosLabel(_ commit: CommitID, _ stage: Stage) -> String { commit.short + (isPlanned(stage) ? "+U" : "") }
}

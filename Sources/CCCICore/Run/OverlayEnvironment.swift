/// What overlays and hooks are told, by environment: names of files and of the app, and nothing else of ours.
struct OverlayEnvironment: Sendable {
  let stage: Stage

  func variables(op: Tier) -> [String: String] {
    var variables = [
      "CCCI_RECIPE": stage.recipe.text, "CCCI_APP_DOMAIN": stage.domain.text, "CCCI_APP_URL": stage.url, "CCCI_APP_ENV": stage.app.path,
      "CCCI_OP": op.rawValue, "CCCI_OP_STATE_FILE": stage.directory.opState, "CCCI_DEPS_FILE": stage.directory.deps,
      "CCCI_META_FILE": stage.meta, "CCCI_RUN_DIR": stage.directory.path, "ABRA_DIR": stage.directory.abra,
      "PYTHONPATH": stage.directory.tests, "PYTHONDONTWRITEBYTECODE": "1", "CCCI_EXTRA_TESTS": stage.request.extra ? "1" : "0",
    ]
    if let authorities = stage.settings.host.authorities {
      for name in ["CCCI_CA_FILE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] { variables[name] = authorities }
    }
    return variables
  }

  /// The folder of the recipe in the run's copy of `tests/`.
  var folder: String { "\(stage.directory.tests)/\(stage.recipe)" }

  /// How long one group of tests or one hook may take.
  var limit: Duration { stage.settings.run.overlayLimit }
}

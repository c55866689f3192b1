/// Hooks of the recipe's own `tests/`: called in the cage when the recipe is approved, and heard through two files only.
struct RepoLocalHooks: Sendable {
  let stage: Stage

  /// Pass when there is no such hook, or none may be called.
  func call(_ name: String, op: Tier) async throws(Failure) -> Finding {
    guard stage.dependency == nil, let (place, plan) = try RepoLocal(stage: stage).hooks() else { return .pass }
    let file = plan.hook(name) ?? (name.hasPrefix("pre_") && plan.hooks.contains("ops.py") ? "ops.py" : nil)
    guard let file else { return .pass }
    let path = "\(place.folder)/\(file)"
    let isOps = file == "ops.py"
    let (program, arguments) =
      isOps ? ("python3", ["-m", "ccci_test.ops", path, name]) : file.hasSuffix(".py") ? ("python3", [path]) : (path, [])
    let more = ["CCCI_ENV_OUT": "\(place.reports.inside)/env.out", "CCCI_SECRETS_OUT": "\(place.reports.inside)/secrets.out"]
    let result = try await stage.timed("hooks") { () async throws(Failure) in
      try await place.call(op, "repo-local-hook-\(name)", program, arguments, more)
    }
    let shown = "repo-local \(file)\(isOps ? ": \(name)" : "")"
    let finding = Hooks(stage: stage).finding(result, shown)
    guard finding.outcome == .pass else { return finding }
    do throws(Failure) { return try await take(from: place.reports.outside) } catch  where error.code == .badData {
      return .error(.harness, "\(shown): \(error.sentence)")
    }
  }

  private func take(from folder: String) async throws(Failure) -> Finding {
    let environment = try HookAnswer.environment(try text("\(folder)/env.out"))
    let secrets = try HookAnswer.secrets(try text("\(folder)/secrets.out"))
    if !environment.isEmpty {
      // As written: a placeholder is for those who wrote recipe.toml.
      var file = EnvFile(String(decoding: try Files.read(stage.app.path), as: UTF8.self))
      for pair in environment { file.set(pair.name, pair.value) }
      try Files.write(Array(file.text.utf8), to: stage.app.path, mode: 0o600)
      stage.console.progress("  repo-local env.out: \(environment.map(\.name).joined(separator: ", "))")
    }
    for secret in secrets {
      let finding = try await insert(secret)
      guard finding.outcome == .pass else { return finding }
    }
    return .pass
  }

  private func insert(_ secret: HookAnswer.Pair) async throws(Failure) -> Finding {
    let key = "SECRET_\(secret.name.uppercased())_VERSION"
    guard let version = try stage.app.values()[key] else {
      throw Failure(.badData, "secrets.out: \(secret.name) is no secret of the app", why: "its .env has no \(key)")
    }
    if !stage.console.mask.add(secret.value) {
      stage.ledger.warn("secret \(secret.name) is shorter than \(Mask.shortest) characters: it cannot be masked")
    }
    let path = "\(stage.directory.work)/secret"
    try Files.write(Array(secret.value.utf8), to: path, mode: 0o600)
    defer { _ = try? Files.remove(path) }
    let answer = try await stage.abra.insertSecret(stage.domain, secret.name, version, file: path)
    guard answer.ok else { return .error(.harness, "abra app secret insert \(secret.name): \(answer.reason)", log: answer.tail) }
    stage.console.progress("  repo-local secrets.out: \(secret.name)")
    return .pass
  }

  /// The pull request's author wrote it: it may be anything.
  private func text(_ path: String) throws(Failure) -> String {
    switch try UntrustedFile.read(path, most: HookAnswer.most) {
    case .missing: return ""
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .strange:
      throw Failure(.badData, "\(Files.split(path).name): is no plain file of at most \(HookAnswer.most >> 10) KiB")
    }
  }
}

/// Calls the hooks of a recipe, those of this repository first, and then its own if they are approved: `install_steps.sh`, `pre_<op>.sh` or `pre_<op>`
/// of `ops.py`, `setup_custom_tests.sh`, `backup_verify.*`.
struct Hooks: Sendable {
  let stage: Stage

  /// Pass when there is no such hook. A hook that fails is nobody's fault yet: `error: harness`; only `backup_verify` asserts something.
  func call(_ name: String, op: Tier) async throws(Failure) -> Finding {
    let own = try await callOwn(name, op: op)
    return own.outcome == .pass && name != "backup_verify" ? try await RepoLocalHooks(stage: stage).call(name, op: op) : own
  }

  private func callOwn(_ name: String, op: Tier) async throws(Failure) -> Finding {
    let overlays = OverlayEnvironment(stage: stage)
    if let file = stage.plan.overlays.hook(name) {
      let path = "\(overlays.folder)/\(file)"
      let (program, arguments) = file.hasSuffix(".py") ? ("python3", [path]) : (path, [])
      return try await run(name, file, program, arguments, op)
    }
    guard name.hasPrefix("pre_"), stage.plan.overlays.hooks.contains("ops.py") else { return .pass }
    return try await run(name, "ops.py: \(name)", "python3", ["-m", "ccci_test.ops", "\(overlays.folder)/ops.py", name], op)
  }

  private func run(_ name: String, _ shown: String, _ program: String, _ arguments: [String], _ op: Tier) async throws(Failure) -> Finding {
    let overlays = OverlayEnvironment(stage: stage)
    let result = try await stage.timed("hooks") { () async throws(Failure) in
      try await stage.programs.call(
        "hook-\(name)", program, arguments, in: overlays.folder, with: overlays.variables(op: op), sweep: true,
        limit: overlays.limit)
    }
    return finding(result, shown)
  }

  func finding(_ result: CommandResult, _ shown: String) -> Finding {
    let log = TerminalText.tail(result.text, 10) + TerminalText.tail(result.errorText, 10)
    switch result.status {
    case .exited(0): return .pass
    case .timedOut: return .error(.timeout, "\(shown): no end after \(Int(OverlayEnvironment(stage: stage).limit.seconds)) s", log: log)
    case .signaled(let signal): return .error(.harness, "\(shown): killed by signal \(signal)", log: log)
    case .exited(let code): return .error(.harness, "\(shown): exit \(code): \(log.last ?? "no output")", log: log)
    }
  }
}

import ArgumentParser

/// `ccci-poll hooks`.
struct HooksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hooks", abstract: "The webhooks of the repositories.", subcommands: [HooksReconcileCommand.self])
}

/// `ccci-poll hooks reconcile`.
struct HooksReconcileCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Make and repair the hook of every repository. Off unless WEBHOOK_AUTOREGISTER=1; the bot needs admin rights for it.")

  func execute(_ tool: Tool) async throws(Failure) -> ExitCode {
    guard tool.environment["WEBHOOK_AUTOREGISTER"] == "1" else {
      throw Failure(
        .config, "hooks are not made", why: "that needs admin rights on the repositories, and polling does without",
        next: "set WEBHOOK_AUTOREGISTER=1 if you want it")
    }
    let start = try PollStart(tool)
    guard let address = start.settings.hook.address, let path = start.settings.hook.secretFile else {
      throw Failure(.config, "settings: hook: no address or no secret", next: "set address and secret_file under [hook]")
    }
    let secret = try TokenFile.read(path, key: "[hook] secret_file")
    tool.console.mask.add(secret)
    guard let lock = try FileLock.attempt(start.shelf.lock, holder: "ccci-poll hooks reconcile") else {
      throw Failure(.tryAgain, "a pass is at work", next: "run it again")
    }
    defer { withExtendedLifetime(lock) {} }
    let desk = try start.pass().desk()
    var isWhole = true
    for entry in desk.enrolment.entries {
      do throws(Failure) { try await reconcile(entry, address, secret, desk) } catch {
        if error == .cancelled || error.code == .ioError { throw error }
        isWhole = false
        let hint = error.code == .denied ? "hooks need admin rights on the repository; polling works without them" : error.hint
        tool.console.fact("failed   \(entry.slug): \(error.sentence); \(hint)")
      }
    }
    return isWhole ? .ok : .no
  }

  private func reconcile(_ entry: Enrolment.Entry, _ address: String, _ secret: String, _ desk: PollDesk) async throws(Failure) {
    let digest = SHA256.hex("\(address) \(secret)")
    var memory = try desk.shelf.memory()
    let plan = HookPlan.of(
      try await desk.gitea.hooks(entry.slug), address: address, digest: digest, installed: memory.hooks[entry.slug])
    guard !plan.isNothing else { return desk.says("\(entry.slug): as it should be") }
    for id in plan.remove { try await desk.gitea.removeHook(entry.slug, id) }
    try await desk.gitea.makeHook(entry.slug, url: address, secret: secret)
    memory.hooks[entry.slug] = digest
    try desk.shelf.write(memory)
    desk.says("\(entry.slug): made, since \(plan.because)")
  }
}

import FoundationEssentials

/// Whether the tokens are whose they should be. Asked again after a day, when a token changes, and after a refusal.
struct TokenCheck: Sendable {
  let desk: PollDesk

  static let validity = 86_400.0

  /// Our own account.
  func bot() async throws(Failure) -> GiteaUser {
    let digest = SHA256.hex("\(desk.gitea.url) \(desk.gitea.token)")
    if let known = fresh("gitea", digest) { return GiteaUser(id: known.id, login: known.login) }
    let user = try await desk.gitea.user()
    if let wanted = desk.settings.forge.bot, wanted.lowercased() != user.login.lowercased() {
      throw Failure(
        .config, "\(desk.gitea.url): the token is \(Console.line(user.login))'s, not \(wanted)'s",
        next: "correct [forge] bot, or put the bot's token into [forge] token_file")
    }
    remember("gitea", PollMemory.Token(digest: digest, id: user.id, login: user.login, checked: desk.now))
    return user
  }

  func drone() async throws(Failure) {
    let digest = SHA256.hex("\(desk.drone.url) \(desk.drone.token)")
    if fresh("drone", digest) != nil { return }
    let login = try await desk.drone.user()
    remember("drone", PollMemory.Token(digest: digest, id: 0, login: login, checked: desk.now))
  }

  private func fresh(_ name: String, _ digest: String) -> PollMemory.Token? {
    let age = { (token: PollMemory.Token) in abs(desk.now.timeIntervalSince(token.checked)) }
    return desk.memory.withLock { $0.tokens[name] }.flatMap { $0.digest == digest && age($0) < Self.validity ? $0 : nil }
  }

  private func remember(_ name: String, _ token: PollMemory.Token) { desk.memory.withLock { $0.tokens[name] = token } }

  /// What was refused with it is to be looked at again.
  func forget(_ name: String) { desk.memory.withLock { _ = $0.tokens.removeValue(forKey: name) } }
}

import FoundationEssentials

/// Keeps one comment and one commit status of a trigger true.
struct Reporter: Sendable {
  let desk: PollDesk
  let bot: GiteaUser

  /// Seconds between two edits of one comment.
  static let pace = 30.0
  /// How long it is tried to bring an answer to a server that refuses it.
  static let patience = 86_400.0

  /// Brings the comment to a text. True when it stands there, or when it is settled that it never will.
  func deliver(_ text: String, for trigger: inout PollTrigger) async throws(Failure) -> Bool {
    let digest = SHA256.hex(text)
    if trigger.isSilent || trigger.reply.refused != nil || trigger.reply.digest == digest { return true }
    guard let id = trigger.reply.id else {
      guard try await find(&trigger) else { return try await post(text, digest, &trigger) }
      return try await deliver(text, for: &trigger)
    }
    if let edited = trigger.reply.edited, abs(desk.now.timeIntervalSince(edited)) < Self.pace { return false }
    do throws(Failure) {
      if try await desk.gitea.edit(trigger.slug, comment: id, text) {
        trigger.reply.digest = digest
        trigger.reply.edited = desk.now
      } else {
        lose(&trigger)
      }
    } catch { return try refuse(error, &trigger) }
    try desk.write(trigger)
    return trigger.reply.digest == digest || trigger.reply.refused != nil
  }

  /// A comment that may have been posted. True when it is found.
  private func find(_ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    guard let intended = trigger.reply.intended else { return false }
    // Far back: the server's clock may have gone back since.
    let since = min(intended, trigger.created).addingTimeInterval(-PollCursor.day)
    let comments: [GiteaComment]
    do throws(Failure) { comments = try await desk.gitea.comments(trigger.slug, pull: trigger.pr, since: since).value } catch {
      if error == .cancelled { throw error }
      return false
    }
    let key = trigger.key
    guard let found = comments.last(where: { LivingComment.isOurs($0, key: key, bot: bot.id) }) else {
      trigger.reply.misses += 1
      return false
    }
    trigger.reply.id = found.id
    trigger.reply.digest = SHA256.hex(found.body)
    trigger.reply.edited = found.updated
    try desk.write(trigger)
    return true
  }

  private func post(_ text: String, _ digest: String, _ trigger: inout PollTrigger) async throws(Failure) -> Bool {
    // It may still be on its way. Two looks, since our clock may step.
    if let intended = trigger.reply.intended, abs(desk.now.timeIntervalSince(intended)) < 60 || trigger.reply.misses < 2 {
      try desk.write(trigger)
      return false
    }
    if desk.gate.pause(desk.gitea.url) != nil { return false }
    trigger.reply.intended = desk.now
    trigger.reply.misses = 0
    try desk.write(trigger)
    switch try await desk.gitea.post(trigger.slug, pull: trigger.pr, text) {
    case .posted(let comment):
      trigger.reply.id = comment.id
      trigger.reply.digest = digest
      trigger.reply.edited = desk.now
      try desk.write(trigger)
      return true
    case .refused(let failure):
      trigger.reply.intended = nil
      return try refuse(failure, &trigger)
    case .unclear: return false
    }
  }

  /// Deleted by somebody: one more is posted, and no third.
  private func lose(_ trigger: inout PollTrigger) {
    trigger.reply.lost += 1
    trigger.reply.id = nil
    trigger.reply.intended = nil
    trigger.reply.digest = nil
    if trigger.reply.lost > 1 { trigger.reply.refused = "was deleted twice" }
  }

  /// What may be mended is tried for a day; what is gone is gone.
  private func refuse(_ failure: Failure, _ trigger: inout PollTrigger) throws(Failure) -> Bool {
    if failure == .cancelled || failure.code == .ioError { throw failure }
    let isOld = desk.now.timeIntervalSince(trigger.created) > Self.patience
    switch failure.code {
    case .unavailable: return false
    case .denied, .config:
      desk.note("comments in \(trigger.slug)", failure)
      if isOld { trigger.reply.refused = failure.sentence }
    default: trigger.reply.refused = failure.sentence
    }
    try desk.write(trigger)
    return trigger.reply.refused != nil
  }

  // MARK: commit status

  /// Sets the status of the commit. True when it is set, or when it is settled that it never will.
  func mark(_ state: GiteaStatus.State, _ words: String, for trigger: inout PollTrigger) async throws(Failure) -> Bool {
    guard let sha = trigger.sha, trigger.status != state.rawValue, !trigger.isSilent else { return true }
    let digest = SHA256.hex(desk.gitea.token)
    var known = try desk.shelf.repository(owner: trigger.owner, repo: trigger.repo)
    if known?.statusesOff == digest { return true }
    let status = GiteaStatus(
      state: state, context: CommitMark.context(trigger.order), description: String(MarkdownText.line(words).prefix(140)),
      target: trigger.build.map { desk.drone.page(desk.repository, $0) } ?? "")
    do throws(Failure) {
      try await desk.gitea.setStatus(trigger.slug, sha, status)
      trigger.status = state.rawValue
      try desk.write(trigger)
      return true
    } catch {
      if error == .cancelled || error.code == .ioError { throw error }
      if error.code == .unavailable { return false }
      known?.statusesOff = digest
      if let known { try desk.shelf.write(known) }
      desk.says("\(trigger.slug): no commit statuses from now on: \(error.sentence); give the bot write rights on code if you want them")
      return true
    }
  }
}

/// What is to be done so that a repository has exactly one hook of ours. Pure.
public struct HookPlan: Sendable, Equatable {
  public var remove: [Int] = []
  public var isMade = false
  public var because = ""

  public var isNothing: Bool { remove.isEmpty && !isMade }

  /// A hook cannot be given a new secret, and a change of one forgets its events: whatever is wrong, it is made anew.
  ///
  /// - Parameters:
  ///   - digest: of the address and secret that it should have.
  ///   - installed: of those that were last given; the server tells nobody.
  public static func of(_ hooks: [GiteaHook], address: String, digest: String, installed: String?) -> HookPlan {
    let ours = hooks.filter { $0.url == address }
    guard let first = ours.first else { return HookPlan(isMade: true, because: "there is none") }
    let flaws = [
      ours.count > 1 ? "there are \(ours.count)" : nil, first.isActive ? nil : "it is switched off",
      // A listing may name more events than were asked for.
      first.events.contains(Gitea.hookEvent) ? nil : "it does not tell of comments on pull requests",
      first.contentType == "json" ? nil : "its content type is not json", installed == digest ? nil : "its secret may be another",
    ].compactMap { $0 }
    return flaws.isEmpty ? HookPlan() : HookPlan(remove: ours.map(\.id), isMade: true, because: flaws.joined(separator: ", "))
  }
}

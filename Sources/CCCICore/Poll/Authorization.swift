/// Who may ask for a run. Whatever is not a clear yes is none.
public enum Authorization {
  public enum Answer: Sendable, Equatable {
    case allowed
    case denied
    /// Nobody can say now: the comment is kept.
    case later(Failure)
  }

  /// Whether somebody stands in the allow-list: digits are an id and nothing else, since a login may be taken over by another person.
  public static func isListed(_ id: Int, _ login: String, in list: [String]) -> Bool {
    guard id > 0 else { return false }
    return list.contains { entry in
      let isNumber = entry.utf8.allSatisfy { (48...57).contains($0) }
      return isNumber ? entry == "\(id)" : entry.lowercased() == login.lowercased() && !login.isEmpty
    }
  }

  /// What the organisation's answer means.
  public static func decide(_ answer: Result<GiteaMembership, Failure>, owner: String) -> Answer {
    switch answer {
    case .success(.member): return .allowed
    case .success(.stranger): return .denied
    case .success(.hidden):
      return .later(
        Failure(
          .config, "the bot is no member of \(owner)", why: "so it is not told who is one",
          next: "add it to a team of \(owner) that may read; no admin rights"))
    case .failure(let failure): return .later(failure)
    }
  }
}

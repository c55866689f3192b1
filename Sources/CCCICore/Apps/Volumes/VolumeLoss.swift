/// Whether a volume's data came through an upgrade. Pure.
public enum VolumeLoss {
  /// A volume before and after.
  public struct Facts: Sendable, Hashable {
    public var before: VolumeInventory
    /// nil when the volume is gone.
    public var after: VolumeInventory?
    /// Sampled files of before that are still there.
    public var surviving: Int
    /// nil when no canaries could be planted.
    public var canaries: [Canary.State]?
    /// The services that the stack has now.
    public var services: [String]

    public init(before: VolumeInventory, after: VolumeInventory?, surviving: Int, canaries: [Canary.State]?, services: [String]) {
      self.services = services
      self.before = before
      self.after = after
      self.surviving = surviving
      self.canaries = canaries
    }
  }

  public enum Judgement: Sendable, Hashable {
    case kept
    /// Legitimate, and worth a line: an entrypoint that mirrors its files deletes what it does not know.
    case warning(String)
    case lost(String)
  }

  /// Lost: gone, made anew, no longer mounted where it was, or the canaries and more than half of the sampled files are gone.
  ///
  /// A mount that went with its whole service is no loss as long as somebody mounts the volume: the head may drop a side service.
  public static func judge(_ facts: Facts, named name: String) -> Judgement {
    let before = facts.before
    guard let after = facts.after else { return .lost("data lost: volume \(name) is gone") }
    guard after.identity == before.identity else { return .lost("data lost: volume \(name) was made anew") }
    let missing = before.mounts.filter { mount in
      !after.mounts.contains(mount) && (after.mounts.isEmpty || facts.services.contains(String(mount.prefix { $0 != ":" })))
    }
    guard missing.isEmpty else { return .lost("data lost: volume \(name) is no longer mounted at \(missing.joined(separator: ", "))") }
    let gone = before.sample.count - facts.surviving
    let sampleLost = gone * 2 > before.sample.count
    let files = "\(gone) of \(before.sample.count) sampled files"
    guard let canaries = facts.canaries else {
      return sampleLost ? .lost("data lost: volume \(name): \(files) are gone") : .kept
    }
    guard canaries.contains(where: { $0 != .same }) else { return .kept }
    if sampleLost { return .lost("canary lost: volume \(name): the canaries and \(files) are gone") }
    return .warning("volume \(name): the canaries were removed or changed, the data (\(before.files) files) is there")
  }
}

/// One path that a recipe's backup labels name (the abra reference, section 8).
public struct BackupTarget: Sendable, Hashable, CustomStringConvertible {
  public var service: String
  /// The volume's name in compose; nil when no volume is mounted where the label points.
  public var volume: String?
  /// Inside the volume, without a leading slash; empty for the whole volume.
  public var path: String
  /// The label as the author wrote it, for messages: `backupbot.backup.path=/var/lib/data`.
  public var label: String

  public var description: String { "\(service): \(label)" }

  /// Every path the labels of the services name, in order of services and labels. A label may name a volume that its service does not mount:
  /// backup-bot passes it over, and it must be found missing.
  public static func all(in facts: ComposeFacts) -> [BackupTarget] {
    facts.services.filter { isOn($0.labels["backupbot.backup"]) }.flatMap(targets)
  }

  /// Whether any service asks for backups.
  public static func isCapable(_ facts: ComposeFacts) -> Bool { facts.services.contains { isOn($0.labels["backupbot.backup"]) } }

  private static func isOn(_ value: String?) -> Bool { ["true", "1", "yes", "on"].contains(value?.lowercased()) }

  private static func targets(of service: ComposeFacts.Service) -> [BackupTarget] {
    var found: [BackupTarget] = []
    for path in list(service.labels["backupbot.backup.path"]) { found.append(containerPath(path, service)) }
    let (prefix, suffix) = ("backupbot.backup.volumes.", ".path")
    var named: Set<String> = []
    for (key, paths) in service.labels.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) && key.hasSuffix(suffix) {
      let volume = String(key.dropFirst(prefix.count).dropLast(suffix.count))
      named.insert(volume)
      for path in list(paths) {
        found.append(BackupTarget(service: service.name, volume: volume, path: trimmed(path), label: "\(key)=\(path)"))
      }
    }
    guard service.labels["backupbot.backup.path"] == nil else { return found }
    for mount in service.mounts where mount.kind == "volume" && !mount.source.isEmpty {
      let volume = mount.source
      // Once, though it may be mounted twice.
      guard named.insert(volume).inserted, service.labels[prefix + volume]?.lowercased() != "false" else { continue }
      found.append(BackupTarget(service: service.name, volume: volume, path: "", label: "volume \(volume)"))
    }
    return found
  }

  /// A path in the container, mapped to the volume mounted nearest above it.
  private static func containerPath(_ path: String, _ service: ComposeFacts.Service) -> BackupTarget {
    let clean = "/" + trimmed(path)
    let covering = service.mounts.filter { clean == $0.target || clean.hasPrefix($0.target.hasSuffix("/") ? $0.target : $0.target + "/") }
    let mount = covering.filter { $0.kind == "volume" && !$0.source.isEmpty }.max { $0.target.count < $1.target.count }
    let label = "backupbot.backup.path=\(path)"
    guard let mount else { return BackupTarget(service: service.name, volume: nil, path: trimmed(path), label: label) }
    return BackupTarget(
      service: service.name, volume: mount.source, path: trimmed(String(clean.dropFirst(mount.target.count))), label: label)
  }

  private static func list(_ value: String?) -> [String] {
    (value ?? "").split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }.filter {
      !$0.isEmpty
    }
  }

  private static func trimmed(_ path: String) -> String {
    String(path.drop { $0 == "/" }.reversed().drop { $0 == "/" }.reversed())
  }
}

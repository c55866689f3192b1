import FoundationEssentials

/// One line of `ccci-snap list`.
struct SnapRow: Encodable {
  var app: String
  var domain: String?
  var recipe: String?
  var version: String?
  var commit: String?
  var taken: Date?
  var volumes: Int?
  /// Of the data, and of the archives on the shelf.
  var bytes: Int?
  var size: Int?
  /// `whole`, `unreadable`, `none`.
  var state: String
  /// A restore was interrupted: the volumes hold a part of the data.
  var restoring: Bool
  var leftovers: Int

  init(_ folder: ShelfFolder) throws(Failure) {
    app = folder.name
    restoring = try folder.readRestoreMark() != nil
    leftovers = try folder.leftovers().count
    do throws(Failure) {
      guard let meta = try folder.readMeta() else {
        state = "none"
        return
      }
      state = "whole"
      (domain, recipe, version, commit, taken) = (meta.domain, meta.recipe, meta.version, meta.commit, meta.taken)
      (volumes, bytes, size) = (meta.volumes.count, meta.bytes, meta.size)
    } catch  where error.code == .badData { state = "unreadable" }
  }

  var text: String {
    var words = [app]
    if let version, let taken, let volumes, let bytes, let size {
      words.append("\(version)  \(taken.formatted(.iso8601))  \(volumes) volumes, \(ByteText.of(bytes)) as \(ByteText.of(size))")
    } else {
      words.append(state == "none" ? "no snapshot" : "meta.json cannot be read")
    }
    if restoring { words.append("a restore was interrupted") }
    if leftovers > 0 { words.append("\(leftovers) leftovers: ccci-snap prune") }
    return words.joined(separator: "  ")
  }
}

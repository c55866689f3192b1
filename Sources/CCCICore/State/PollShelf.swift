public import FoundationEssentials

/// `<shelf>/poll/`: the files of `ccci-poll`, and every path there.
public struct PollShelf: Sendable {
  public let shelf: String
  /// Called before each write, with the path: where tests let a poller die.
  let willWrite: @Sendable (String) throws(Failure) -> Void

  public init(shelf: String) {
    self.init(shelf: shelf) { _ throws(Failure) in }
  }

  init(shelf: String, willWrite: @escaping @Sendable (String) throws(Failure) -> Void) {
    self.shelf = shelf
    self.willWrite = willWrite
  }

  public var folder: String { "\(shelf)/poll" }
  public var lock: String { "\(folder)/.lock" }
  var memoryPath: String { "\(folder)/.poll.json" }
  var triggers: String { "\(folder)/triggers" }
  /// An empty file for each trigger that is not answered yet: nobody reads all of them for the few.
  var openMarks: String { "\(triggers)/.open" }

  public func path(owner: String, repo: String) -> String { "\(folder)/\(owner)/\(repo).json" }
  public func path(trigger comment: Int) -> String { "\(triggers)/\(comment).json" }

  public func memory() throws(Failure) -> PollMemory { try read(PollMemory.self, memoryPath) ?? PollMemory() }

  public func repository(owner: String, repo: String) throws(Failure) -> PollRepository? {
    try read(PollRepository.self, path(owner: owner, repo: repo))
  }

  public func trigger(_ comment: Int) throws(Failure) -> PollTrigger? { try read(PollTrigger.self, path(trigger: comment)) }

  public func write(_ memory: PollMemory) throws(Failure) { try write(memory, to: memoryPath) }

  public func write(_ repository: PollRepository) throws(Failure) {
    try write(repository, to: path(owner: repository.owner, repo: repository.repo))
  }

  /// The mark first: an open trigger without one would be forgotten.
  public func write(_ trigger: PollTrigger) throws(Failure) {
    let mark = "\(openMarks)/\(trigger.comment)"
    let isOpen = trigger.state != .reported
    if isOpen, try Files.status(mark) == nil {
      try Files.createDirectory(openMarks, mode: 0o755)
      try Files.write([], to: mark)
    }
    try write(trigger, to: path(trigger: trigger.comment))
    if !isOpen { _ = try Files.remove(mark) }
  }

  /// The triggers that are not answered yet, in the order of their comments.
  public func open() throws(Failure) -> [PollTrigger] {
    guard try Files.status(openMarks) != nil else { return [] }
    var found: [PollTrigger] = []
    for id in try Files.list(openMarks).compactMap({ Int($0) }).sorted() {
      if let trigger = try trigger(id), trigger.state != .reported {
        found.append(trigger)
      } else {
        _ = try Files.remove("\(openMarks)/\(id)")
      }
    }
    return found
  }

  /// Removes answered triggers that are older.
  public func forget(before date: Date) throws(Failure) {
    guard try Files.status(triggers) != nil else { return }
    for name in try Files.list(triggers) where name.hasSuffix(".json") && !name.hasPrefix(".") {
      let path = "\(triggers)/\(name)"
      guard let status = try Files.status(path), status.mtime < date, let id = Int(name.dropLast(5)) else { continue }
      if try Files.status("\(openMarks)/\(id)") == nil { _ = try Files.remove(path) }
    }
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(Failure) -> Value? {
    guard let bytes = try Files.readIfPresent(path) else { return nil }
    return try JSONCoding.decode(type, from: bytes, path: path)
  }

  private func write(_ value: some Encodable, to path: String) throws(Failure) {
    try willWrite(path)
    try Files.createDirectory(Files.split(path).folder, mode: 0o755)
    try Files.write(JSONCoding.encode(value), to: path)
  }
}

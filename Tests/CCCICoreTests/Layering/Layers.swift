/// The rooms of `CCCICore` with their ranks, and what their sources may say. The table is that of `docs/architecture.md`.
enum Layers {
  struct Source {
    /// Relative to `Sources/CCCICore`.
    var path: String
    var words: [SwiftWord]
    var room: Room

    init(path: String, text: String) {
      self.path = path
      words = SwiftWord.all(in: SwiftCode.of(text))
      room = Room(path)
    }
  }

  struct Room: Hashable, CustomStringConvertible {
    var name: String
    /// nil for a folder that the table does not know.
    var rank: Int?
    var description: String { name }

    init(_ path: String) {
      let parts = path.split(separator: "/").map(String.init)
      var name = parts.count > 1 ? parts[0] : "root"
      rank = Self.ranks[name]
      // Clients do not know one another: each is a room of its own.
      if name == "Clients" { name += "/\(parts.count > 2 ? parts[1] : Self.clients.first { parts[1].hasPrefix($0) } ?? "?")" }
      if name.hasSuffix("?") { rank = nil }
      self.name = name
    }

    static let ranks = [
      "root": 0, "System": 1, "Recipe": 2, "State": 3, "Clients": 4, "Apps": 5, "Tool": 6, "Poll": 7, "Run": 7, "Reconcile": 7, "Snap": 8,
      "Janitor": 7, "Alerts": 7,
    ]
    static let clients = ["Abra", "Gitea", "Git", "Drone", "Keycloak"]

    func mayUse(_ other: Room) -> Bool {
      guard self != other else { return true }
      guard let rank, let below = other.rank else { return false }
      return below < rank
    }
  }

  /// Every breach of the rules, each as `<path>:<line>: …`.
  static func breaches(in sources: [Source]) -> [String] {
    let rooms = rooms(of: sources)
    return sources.flatMap { source in
      (source.room.rank == nil ? ["\(source.path): its folder is no room of the table"] : []) + uses(source, rooms) + words(source)
    }
  }

  /// Where each type is declared: `Canary`, and `Results.Extra` for one that an extension in another room adds.
  static func rooms(of sources: [Source]) -> [String: Set<Room>] {
    var rooms: [String: Set<Room>] = [:]
    for source in sources {
      for type in declarations(source) where type.isShared && !type.name.contains(".") { rooms[type.name, default: []].insert(source.room) }
    }
    for source in sources {
      for type in declarations(source) where type.isShared && type.name.contains(".") {
        let owner = String(type.name.prefix { $0 != "." })
        if rooms[owner]?.contains(source.room) != true { rooms[type.name, default: []].insert(source.room) }
      }
    }
    return rooms
  }

  private struct Declaration {
    var name: String
    /// Whether other files can see it under this name.
    var isShared: Bool
  }

  private static let kinds: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]

  private static func declarations(_ source: Source) -> [Declaration] {
    var found: [Declaration] = []
    var extended = ""
    for (index, word) in source.words.enumerated() where index + 1 < source.words.count {
      let name = source.words[index + 1].text
      if word.text == "extension", word.depth == 0 { extended = name }
      guard kinds.contains(word.text), word.before != ".", name.first?.isUppercase == true else { continue }
      if kinds.contains(word.text), word.depth == 0 { extended = "" }
      let modifiers = source.words[..<index].suffix(2).map(\.text)
      let isPrivate = modifiers.contains("private") || modifiers.contains("fileprivate")
      if word.depth == 0 { found.append(Declaration(name: name, isShared: !isPrivate)) }
      if word.depth > 0 { found.append(Declaration(name: name, isShared: false)) }
      if word.depth == 1, !extended.isEmpty { found.append(Declaration(name: "\(extended).\(name)", isShared: !isPrivate)) }
    }
    return found
  }

  private static func uses(_ source: Source, _ rooms: [String: Set<Room>]) -> [String] {
    let own = Set(declarations(source).map(\.name))
    var breaches: [String] = []
    for (index, word) in source.words.enumerated() where word.text.first?.isUppercase == true {
      let isMember = word.before == "."
      let owner = isMember && index > 0 ? "\(source.words[index - 1].text)." : ""
      let name = owner + word.text
      guard !own.contains(name), let homes = rooms[name], !homes.contains(where: source.room.mayUse) else { continue }
      breaches.append("\(source.path):\(word.line): \(source.room) uses \(name) of \(homes.map(\.name).sorted().joined(separator: ", "))")
    }
    return breaches
  }

  private static func words(_ source: Source) -> [String] {
    var breaches: [String] = []
    for (index, word) in source.words.enumerated() {
      let owner = word.before == "." && index > 0 ? source.words[index - 1].text : nil
      let place = "\(source.path):\(word.line)"
      switch word.text {
      case "exit", "_exit", "abort", "quick_exit":
        let isCall = word.behind == "(" && (owner == nil || owner == "Glibc")
        if isCall, source.room.name != "Tool" { breaches.append("\(place): \(word.text)( outside of Tool") }
      case "Foundation" where index > 0 && source.words[index - 1].text == "import":
        breaches.append("\(place): imports Foundation, not FoundationEssentials")
      case "try" where word.behind == "!", "as" where word.behind == "!":
        breaches.append("\(place): \(word.text)!")
      case "fatalError", "preconditionFailure":
        breaches.append("\(place): \(word.text)")
      default: break
      }
    }
    return breaches
  }
}

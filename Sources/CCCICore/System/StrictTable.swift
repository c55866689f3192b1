/// A TOML table read strictly: every key must be taken, every value must have the type asked for.
///
/// Failures are `badData` naming file, key and, for an unknown key, the nearest known one. Call `finish()` last.
public struct StrictTable {
  private let table: [String: TOMLNode]
  private let path: String
  private let prefix: String
  private var known: [String] = []

  public init(_ table: [String: TOMLNode], path: String, prefix: String = "") {
    self.table = table
    self.path = path
    self.prefix = prefix
  }

  /// The root of a file. A missing file is an empty table.
  public init(file path: String) throws(Failure) {
    guard let text = try Files.textIfPresent(path) else {
      self.init([:], path: path)
      return
    }
    guard case .table(let table) = try TOMLNode.parse(text, path: path) else {
      throw Failure(.badData, "\(path): no table at the top", next: "write key = value lines")
    }
    self.init(table, path: path)
  }

  public mutating func string(_ key: String) throws(Failure) -> String? {
    guard let node = take(key) else { return nil }
    guard case .string(let text) = node else { throw wrong(key, "a string", node) }
    return text
  }

  public mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let node = take(key) else { return nil }
    guard case .integer(let number) = node else { throw wrong(key, "a whole number", node) }
    guard range.contains(number) else {
      throw problem(key, "\(number) is out of range", next: "from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  public mutating func bool(_ key: String) throws(Failure) -> Bool? {
    guard let node = take(key) else { return nil }
    guard case .bool(let value) = node else { throw wrong(key, "true or false", node) }
    return value
  }

  public mutating func duration(_ key: String) throws(Failure) -> Duration? {
    guard let text = try string(key) else { return nil }
    guard let duration = DurationText.parse(text) else {
      throw problem(key, "\"\(text)\" is no duration", next: "for example \"90s\" or \"10m\"")
    }
    return duration
  }

  public mutating func strings(_ key: String) throws(Failure) -> [String]? {
    guard let node = take(key) else { return nil }
    guard case .array(let items) = node else { throw wrong(key, "a list of strings", node) }
    var texts: [String] = []
    for item in items {
      guard case .string(let text) = item else { throw wrong(key, "a list of strings", item) }
      texts.append(text)
    }
    return texts
  }

  public mutating func integers(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> [Int]? {
    guard let node = take(key) else { return nil }
    guard case .array(let items) = node else { throw wrong(key, "a list of whole numbers", node) }
    var numbers: [Int] = []
    for item in items {
      guard case .integer(let number) = item else { throw wrong(key, "a list of whole numbers", item) }
      guard range.contains(number) else {
        throw problem(key, "\(number) is out of range", next: "from \(range.lowerBound) to \(range.upperBound)")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// A table of free keys whose values are all strings.
  public mutating func stringTable(_ key: String) throws(Failure) -> [String: String]? {
    guard let node = take(key) else { return nil }
    guard case .table(let entries) = node else { throw wrong(key, "a table", node) }
    var texts: [String: String] = [:]
    for (name, value) in entries {
      guard case .string(let text) = value else { throw wrong("\(key).\(name)", "a string", value) }
      texts[name] = text
    }
    return texts
  }

  public mutating func table(_ key: String) throws(Failure) -> StrictTable? {
    guard let node = take(key) else { return nil }
    guard case .table(let entries) = node else { throw wrong(key, "a table", node) }
    return StrictTable(entries, path: path, prefix: "\(prefix)\(key).")
  }

  /// Every `[[key]]`, in order.
  public mutating func tables(_ key: String) throws(Failure) -> [StrictTable] {
    guard let node = take(key) else { return [] }
    guard case .array(let items) = node else { throw wrong(key, "a list of tables", node) }
    var tables: [StrictTable] = []
    for (index, item) in items.enumerated() {
      guard case .table(let entries) = item else { throw wrong(key, "a list of tables", item) }
      tables.append(StrictTable(entries, path: path, prefix: "\(prefix)\(key)[\(index)]."))
    }
    return tables
  }

  /// The keys that are present, for tables whose keys are names.
  public var names: [String] { table.keys.sorted() }

  /// Refuses the keys that nobody took.
  public func finish() throws(Failure) {
    guard let unknown = table.keys.sorted().first(where: { !known.contains($0) }) else { return }
    let near = Nearest.name(to: unknown, among: known).map { "did you mean \(prefix)\($0)? " } ?? ""
    throw Failure(
      .badData, "\(path): \(prefix)\(unknown): unknown key", next: "\(near)known here: \(known.sorted().joined(separator: ", "))")
  }

  /// A failure about one key of this table, for checks of the caller's own.
  public func problem(_ key: String, _ why: String, next: String) -> Failure {
    Failure(.badData, "\(path): \(prefix)\(key)", why: why, next: next)
  }

  private mutating func take(_ key: String) -> TOMLNode? {
    if !known.contains(key) { known.append(key) }
    return table[key]
  }

  private func wrong(_ key: String, _ wanted: String, _ found: TOMLNode) -> Failure {
    problem(key, "must be \(wanted), is \(Self.kind(found))", next: "correct the value in \(path)")
  }

  private static func kind(_ node: TOMLNode) -> String {
    switch node {
    case .string: "a string"
    case .integer: "a whole number"
    case .double: "a number"
    case .bool: "true or false"
    case .array: "a list"
    case .table: "a table"
    }
  }
}

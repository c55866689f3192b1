/// Builds the tree of one document from its events.
struct YAMLReader {
  private let events: YAMLEvents
  private var anchors: [String: (node: YAMLNode, size: Int, depth: Int)] = [:]
  /// Values that came in through aliases, counted as often as they are used.
  private var aliased = 0

  /// Real compose files stay below ten levels and a thousand values.
  static let deepest = 100
  static let mostAliased = 100_000

  /// Tags that change nothing. Others are refused: a reader beside us might understand them, and see another document.
  private static let harmless = Set(["str", "int", "float", "bool", "null", "seq", "map"].map { "tag:yaml.org,2002:\($0)" })

  init(_ events: YAMLEvents) { self.events = events }

  mutating func document() throws(Failure) -> YAMLNode {
    var root: YAMLNode?
    while true {
      let event = try events.next()
      switch event.kind {
      case .begin, .documentEnd: break
      case .end: return root ?? YAMLNode(.scalar("", plain: true))
      case .documentBegin where root == nil: root = try node(try events.next(), depth: 0).node
      default: throw events.failure(event.line, "a second document begins here")
      }
    }
  }

  /// A value with the number of values in it and the levels below it.
  private typealias Built = (node: YAMLNode, size: Int, depth: Int)

  private mutating func node(_ event: YAMLEvents.Event, depth: Int) throws(Failure) -> Built {
    guard depth < Self.deepest else { throw events.failure(event.line, "nested more than \(Self.deepest) levels deep") }
    if case .alias = event.kind { return try alias(event, depth: depth) }
    if let tag = event.tag, !Self.harmless.contains(tag) { throw events.failure(event.line, "the tag \(tag) is not supported") }
    let built = try content(event, depth: depth)
    if let anchor = event.anchor { anchors[anchor] = built }
    return built
  }

  private mutating func content(_ event: YAMLEvents.Event, depth: Int) throws(Failure) -> Built {
    switch event.kind {
    case .scalar(let text, let plain): (YAMLNode(.scalar(text, plain: plain), line: event.line), 1, 0)
    case .sequence: try sequence(event.line, depth)
    case .mapping: try mapping(event.line, depth)
    default: throw events.failure(event.line, "a value was expected")
    }
  }

  private mutating func alias(_ event: YAMLEvents.Event, depth: Int) throws(Failure) -> Built {
    let name = event.anchor ?? ""
    guard let target = anchors[name] else { throw events.failure(event.line, "the alias *\(name) has no anchor before it") }
    aliased += target.size
    guard aliased <= Self.mostAliased else { throw events.failure(event.line, "alias expansion too large") }
    guard depth + target.depth < Self.deepest else { throw events.failure(event.line, "nested more than \(Self.deepest) levels deep") }
    return target
  }

  private mutating func sequence(_ line: Int, _ depth: Int) throws(Failure) -> Built {
    var nodes: [YAMLNode] = []
    var size = 1
    var levels = 0
    while true {
      let event = try events.next()
      if case .sequenceEnd = event.kind { return (YAMLNode(.sequence(nodes), line: line), size, levels + 1) }
      let child = try node(event, depth: depth + 1)
      nodes.append(child.node)
      size += child.size
      levels = max(levels, child.depth)
    }
  }

  private mutating func mapping(_ line: Int, _ depth: Int) throws(Failure) -> Built {
    var entries = YAMLMapping()
    var size = 1
    var levels = 0
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { return (YAMLNode(.mapping(entries.merged), line: line), size, levels + 1) }
      let key = try node(event, depth: depth + 1).node
      let value = try node(try events.next(), depth: depth + 1)
      if let problem = entries.add(key, value.node) { throw events.failure(event.line, problem) }
      size += value.size + 1
      levels = max(levels, value.depth)
    }
  }
}

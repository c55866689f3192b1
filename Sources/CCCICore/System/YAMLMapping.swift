/// The entries of one YAML mapping while it is read: keys once, merge keys (`<<`) resolved at the end.
struct YAMLMapping {
  private var entries: [YAMLEntry] = []
  private var keys: Set<String> = []
  private var sources: [YAMLNode] = []
  /// Where among `entries` the merge key stood.
  private var mergeAt: Int?

  /// Adds an entry; the answer is what is wrong with it, if anything.
  mutating func add(_ key: YAMLNode, _ value: YAMLNode) -> String? {
    guard case .scalar(let name, let plain) = key.content else { return "a key must be a text" }
    if plain, name == "<<" { return merge(value) }
    guard keys.insert(name).inserted else { return "the key \(name) is there twice" }
    entries.append(YAMLEntry(key: name, value: value))
    return nil
  }

  /// Own entries win over merged ones, earlier merged ones over later; the merged ones stand where `<<` stood.
  var merged: [YAMLEntry] {
    guard let mergeAt else { return entries }
    var seen = keys
    let taken = sources.flatMap(\.entries).filter { seen.insert($0.key).inserted }
    return Array(entries[..<mergeAt]) + taken + Array(entries[mergeAt...])
  }

  private mutating func merge(_ value: YAMLNode) -> String? {
    guard mergeAt == nil else { return "the key << is there twice" }
    mergeAt = entries.count
    switch value.content {
    case .mapping: sources = [value]
    case .sequence(let nodes): sources = nodes
    case .scalar: return "<< needs a mapping or a list of mappings"
    }
    for case .scalar in sources.map(\.content) { return "<< needs a mapping or a list of mappings" }
    for case .sequence in sources.map(\.content) { return "<< needs a mapping or a list of mappings" }
    return nil
  }
}

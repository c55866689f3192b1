/// What a service, volume, network, config or secret is called on the swarm, and whose that name is.
extension PolicyReading {
  mutating func identity(of object: YAMLEntry, section: String, at place: Place) {
    if section == "services" { return service(object.key, place) }
    let node = object.value
    let external = node["external"].flatMap { $0.string == "false" || $0.isNull ? nil : $0 }
    let given = [node["name"], node["external"]?["name"]].compactMap { $0?.string }.filter { !$0.isEmpty }
    for name in [node["name"], node["external"]?["name"]].compactMap({ $0 }) where name.string == nil && !name.isNull {
      refuse(name, place.adding("name"), "is no text")
    }
    for entry in node["external"]?.entries ?? [] where entry.key != "name" {
      refuse(entry.value, place.adding("external").adding(entry.key), Self.unknown)
    }
    if external != nil {
      for name in given.isEmpty ? [object.key] : given { outside(name, section, place.adding("external")) }
      for name in given { length(name, section, place) }
      return
    }
    for name in given where !context.isOwn(name) { another(name, section, place.adding("name")) }
    for name in given.isEmpty ? ["\(context.stack)_\(object.key)"] : given { length(name, section, place) }
  }

  /// A service is found under its name by everything on its networks.
  private mutating func service(_ name: String, _ place: Place) {
    if context.namesAnother(name) {
      add(place.adding("name"), name, "is the name of another app", .never, hint: "call the service otherwise")
    }
    length("\(context.stack)_\(name)", "services", place)
  }

  private mutating func outside(_ name: String, _ section: String, _ place: Place) {
    guard !context.isOwn(name) else { return }
    guard section == "networks" else { return another(name, section, place) }
    guard name != context.proxy else { return }
    add(
      place, name, "joins a network that is not the proxy's", context.namesAnother(name) ? .never : .release,
      hint: "the only network outside of the stack is \(context.proxy)")
  }

  private mutating func another(_ name: String, _ section: String, _ place: Place) {
    add(
      place, name, "is a \(section.dropLast()) outside of the app's own stack", .never,
      hint: "begin the name with ${STACK_NAME}_, or leave it out")
  }

  /// Swarm's own limits, said before anything is created.
  private mutating func length(_ name: String, _ section: String, _ place: Place) {
    let limit = section == "services" ? 63 : 64
    guard ["services", "configs", "secrets"].contains(section), name.unicodeScalars.count > limit else { return }
    add(
      place.adding("name"), name, "has \(name.unicodeScalars.count) characters, and swarm takes \(limit)", .never,
      hint: "shorten the name in compose: \(context.stack.count) of its characters are the stack's")
  }

  /// `networks` of a service.
  mutating func networks(_ node: YAMLNode, _ place: Place) {
    for item in node.items where item.string == nil { refuse(item, place, "is no text") }
    if case .scalar = node.content { refuse(node, place, "is neither a mapping nor a list") }
    for network in node.entries where !network.value.isNull {
      let inner = place.adding(network.key)
      guard case .mapping(let entries) = network.value.content else {
        refuse(network.value, inner, "is no mapping")
        continue
      }
      for entry in entries {
        switch entry.key {
        case "aliases": aliases(entry.value, inner.adding("aliases"), isShared: shared.contains(network.key))
        case "priority", "gw_priority": continue
        default: refuse(entry.value, inner.adding(entry.key), "is an address or option on a network")
        }
      }
    }
  }

  /// On a shared network an alias answers everybody's questions.
  private mutating func aliases(_ node: YAMLNode, _ place: Place, isShared: Bool) {
    guard !node.isNull else { return }
    guard case .sequence(let items) = node.content else { return refuse(node, place, "is no list") }
    for item in items {
      guard let name = item.string else {
        refuse(item, place, "is no text")
        continue
      }
      if context.namesAnother(name) {
        add(place, name, "is the name of another app", .never, hint: "begin the alias with ${STACK_NAME}_")
      } else if isShared, !context.isOwn(name), context.owner(ofHost: name) == .other {
        add(place, name, "answers to this name for everybody on a shared network", hint: "begin the alias with ${STACK_NAME}_")
      }
    }
  }

  /// `configs` and `secrets` of a service: their names are judged where they are declared.
  mutating func grants(_ node: YAMLNode, _ place: Place) {
    guard case .sequence(let items) = node.content else { return refuse(node, place, "is no list") }
    for item in items {
      if case .sequence = item.content { refuse(item, place, "is no text") }
      for entry in item.entries where !["source", "target", "uid", "gid", "mode"].contains(entry.key) {
        refuse(entry.value, place.adding(entry.key), Self.unknown)
      }
    }
  }
}

/// Labels: read by traefik, by abra and by backup-bot, each for the whole host.
extension PolicyReading {
  /// Prefixes of labels that change nothing but their own service, or nothing at all.
  static let plainLabels = ["swarm.cronjob.", "org.opencontainers.", "org.label-schema."]

  mutating func labels(_ node: YAMLNode, _ place: Place) {
    for (key, value) in pairs(node, place) {
      let inner = place.adding(key)
      let name = key.lowercased()
      if name.hasPrefix("traefik.") {
        traefik(name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().map(String.init), value, inner)
      } else if name.hasPrefix("backupbot.") {
        backup(key, value, inner)
      } else if name.hasPrefix("coop-cloud.") {
        guard !key.hasPrefix("coop-cloud.\(context.stack).") else { continue }
        add(
          inner, value, "is a label that abra and backup-bot look for on the whole host", context.namesAnother(key) ? .never : .release,
          hint: "the label of an app begins with coop-cloud.${STACK_NAME}.")
      } else if !Self.plainLabels.contains(where: { name.hasPrefix($0) }) {
        add(inner, value, "is a label that the policy does not know: whoever looks for it on this host would obey it")
      }
    }
  }

  /// `backupbot.backup.volumes.<vol>.path=a,b` is read below the volume's folder on the host.
  private mutating func backup(_ key: String, _ value: String, _ place: Place) {
    let prefix = "backupbot.backup.volumes."
    let leadsOut = value.split(separator: ",").contains { path in
      let steps = path.split(separator: "/").map { $0.filter { !$0.isWhitespace } }
      return steps.contains("..") || (key.hasPrefix(prefix) && path.drop { $0 == " " }.hasPrefix("/"))
    }
    let isPath = key.hasSuffix(".path")
    let hasStrangeName = key.hasPrefix(prefix) && key.dropFirst(prefix.count).contains { $0 == "/" || $0 == "\\" }
    if hasStrangeName || key.contains("..") || (isPath && leadsOut) {
      add(place, value, "leads the backup out of the app's own volumes", .never, hint: "name a path below the volume, without ..")
    }
  }

  /// A traefik label by its keys in lower case: traefik does not tell `Rule` from `rule`.
  private mutating func traefik(_ keys: [String], _ value: String, _ place: Place) {
    switch keys.count {
    case 1 where keys[0] == "enable": return
    case 2 where ["docker", "swarm"].contains(keys[0]) && keys[1] == "lbswarm": return
    case 2 where ["docker", "swarm"].contains(keys[0]) && keys[1] == "network":
      guard value != context.proxy, !context.isOwn(value) else { return }
      return add(place, value, "is a network that is not the proxy's", context.namesAnother(value) ? .never : .release)
    case 4... where ["http", "tcp", "udp"].contains(keys[0]): break
    default: return add(place, value, "is a label of traefik that the policy does not know")
    }
    let (kind, name, rest) = (keys[1], keys[2], Array(keys[3...]))
    if !context.namesOwn(name) {
      add(
        place, value, "names something of traefik's that may be another app's", context.namesAnother(name) ? .never : .release,
        hint: "put ${STACK_NAME} into the name")
    }
    switch kind {
    case "routers": router(keys[0], name, rest, value, place)
    case "services": backend(rest, value, place)
    case "middlewares": middleware(rest, value, place)
    default: add(place, value, "is a label of traefik that the policy does not know")
    }
  }

  /// Entry points that every app of the host shares.
  private static let sharedEntryPoints: Set = ["web", "websecure", "web-secure", "http", "https", "http3", "traefik", "metrics", "ping"]

  /// Whether a router takes nothing but entry points of its own.
  private func hasOwnEntryPoints(_ router: String) -> Bool {
    let points = entryPoints[router] ?? []
    return !points.isEmpty && !points.contains { $0.isEmpty || Self.sharedEntryPoints.contains($0) }
  }

  private mutating func router(_ protocolName: String, _ name: String, _ rest: [String], _ value: String, _ place: Place) {
    switch rest.joined(separator: ".") {
    case "rule": rule(value, isOwnPoint: hasOwnEntryPoints("\(protocolName).\(name)"), place)
    case "entrypoints":
      guard protocolName == "udp" else { return }
      let isOwn = hasOwnEntryPoints("udp.\(name)")
      add(place, value, "takes a whole entry point of the proxy", isOwn ? .release : .never, hint: "use an entry point of the app's own")
    case "service":
      let provider = value.drop { $0 != "@" }
      guard !value.isEmpty, !context.namesOwn(value) || !["", "@docker", "@swarm"].contains(provider) else { return }
      add(place, value, "leads to a service that is not the app's own", context.namesAnother(value) ? .never : .release)
    case "tls.certresolver":
      if !value.isEmpty { add(place, value, "asks for a certificate: the host's wildcard certificate serves") }
    case "middlewares", "priority", "rulesyntax", "tls", "tls.options", "tls.passthrough": return
    case _ where rest.count == 3 && rest[0] == "tls" && rest[1].hasPrefix("domains[") && ["main", "sans"].contains(rest[2]):
      let foreign = value.split(separator: ",").contains { context.owner(ofHost: $0.filter { !$0.isWhitespace }) == .other }
      if foreign { add(place, value, "asks for another host's certificate", .never, hint: "name ${DOMAIN}") }
    case _ where rest[0] == "observability": return
    default: add(place, value, "is a label of traefik that the policy does not know")
    }
  }

  private mutating func rule(_ text: String, isOwnPoint: Bool, _ place: Place) {
    switch TraefikRule(text).reach(in: context) {
    case .own: return
    case .below(let hosts):
      add(
        place, text, "routes \(hosts.joined(separator: ", ")), below the app's domain: the wildcard certificate covers one label",
        hint: "flatten it: <x>-${DOMAIN}")
    case .everything:
      add(
        place, text, isOwnPoint ? "takes a whole entry point of the proxy" : "takes every host of the proxy",
        isOwnPoint ? .release : .never,
        hint: "use an entry point of the app's own")
    case .open(let why): add(place, text, "may route another app's host: it \(why)", .entry)
    case .foreign(let hosts):
      add(
        place, text, "routes \(hosts.joined(separator: ", ")), which is not the app's", .never,
        hint: "use ${DOMAIN} or <x>-${DOMAIN}; where a variable names the host, set it in [env] of recipe.toml: \"<x>-{domain}\"")
    }
  }

  private static let backendKeys: Set = [
    "server.port", "server.scheme", "passhostheader", "sticky", "responseforwarding.flushinterval", "serverstransport", "strategy",
    "proxyprotocol", "proxyprotocol.version", "terminationdelay", "server.tls",
  ]

  private mutating func backend(_ rest: [String], _ value: String, _ place: Place) {
    let key = rest.dropFirst().joined(separator: ".")
    let isKnown = Self.backendKeys.contains(key) || key.hasPrefix("sticky.") || key.hasPrefix("healthcheck.")
    if rest[0] != "loadbalancer" || !isKnown { add(place, value, "leads traefik to something that is not a task of the app") }
  }

  private static let middlewares: Set = [
    "addprefix", "basicauth", "buffering", "chain", "circuitbreaker", "compress", "contenttype", "digestauth", "grpcweb", "headers",
    "inflightreq", "ipallowlist", "ipwhitelist", "ratelimit", "redirectregex", "redirectscheme", "replacepath", "replacepathregex", "retry",
    "stripprefix", "stripprefixregex", "inflightconn",
  ]

  private mutating func middleware(_ rest: [String], _ value: String, _ place: Place) {
    let options = rest.dropFirst().joined(separator: ".")
    switch rest[0] {
    case "basicauth" where options == "usersfile", "digestauth" where options == "usersfile":
      add(place, value, "reads a file of the proxy")
    case "forwardauth" where options == "address": forward(value, place)
    case "forwardauth" where !options.hasPrefix("tls"): return
    case _ where Self.middlewares.contains(rest[0]): return
    default: add(place, value, "is a middleware that reaches beyond the app")
    }
  }

  /// The proxy itself asks this address, with the visitor's headers.
  private mutating func forward(_ address: String, _ place: Place) {
    let authority = address.firstRange(of: "://").map { address[$0.upperBound...].prefix { !"/?#\\".contains($0) } } ?? ""
    // `http://<own domain>:x@elsewhere` leads elsewhere.
    let host = authority.contains("@") ? "" : String(authority.prefix { $0 != ":" })
    guard context.owner(ofHost: host) == .other, !context.isOwn(host) else { return }
    add(
      place, address, "makes the proxy ask somebody else who a visitor is", context.namesAnother(host) ? .never : .release,
      hint: "ask http://${STACK_NAME}_<service>, or https://${DOMAIN}")
  }
}

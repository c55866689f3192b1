/// What the policy knows of the app whose compose files it judges: its own names, against which every other name is measured.
public struct PolicyContext: Sendable, Hashable {
  public var domain: AppDomain
  /// The network of the proxy, the only one outside of its stack that an app may join.
  public var proxy: String

  public init(domain: AppDomain, proxy: String) {
    self.domain = domain
    self.proxy = proxy
  }

  var stack: String { domain.stack }

  /// The domain without its first label.
  private var zone: Substring { domain.text.drop { $0 != "." }.dropFirst() }

  /// Whose a host name is.
  enum HostOwner { case own, below, other }

  /// `own` is the app's domain and `<x>-<domain>`, `below` a name under it.
  func owner(ofHost name: String) -> HostOwner {
    let (host, own) = (name.lowercased(), domain.text.lowercased())
    if host == own { return .own }
    guard host.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }) else { return .other }
    if host.hasSuffix("-\(own)"), !host.dropLast(own.count + 1).contains("."), host.count > own.count + 1 { return .own }
    return host.hasSuffix(".\(own)") && host.count > own.count + 1 && !host.hasPrefix(".") ? .below : .other
  }

  /// A name in this stack's part of swarm's one namespace: `<stack>_x`.
  func isOwn(_ name: String) -> Bool {
    let letters = name.utf8.allSatisfy {
      (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 || $0 == 95
    }
    return letters && (name.hasPrefix("\(stack)_") || name.hasPrefix("\(stack)-"))
  }

  /// Whether a text holds the name of an app of this zone that is not ours.
  func namesAnother(_ text: String) -> Bool {
    let left = text.lowercased().replacing(stack.lowercased(), with: "").replacing(domain.text.lowercased(), with: "")
    let zone = zone.lowercased()
    return !zone.isEmpty && (left.contains("_\(zone.replacing(".", with: "_"))") || left.contains(".\(zone)"))
  }

  /// Whether a text holds this stack's name: a router, a middleware or a service of traefik is then nobody else's.
  func namesOwn(_ text: String) -> Bool {
    text.lowercased().contains(stack.lowercased()) && !namesAnother(text)
  }

  /// With `{domain}` and `{stack}` filled in.
  func filled(_ text: String) -> String { text.replacing("{domain}", with: domain.text).replacing("{stack}", with: stack) }

  /// The reverse of `filled`.
  func templated(_ text: String) -> String { text.replacing(domain.text, with: "{domain}").replacing(stack, with: "{stack}") }
}

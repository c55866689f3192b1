/// Whether the proxy's network has addresses for another app. Pure.
///
/// Each service takes one and each of its tasks another, and swarm loses some when stacks are removed side by side: a `/24` was used up
/// after eleven days. Its only sign is then a task that stays `new`, which looks like a broken recipe.
public enum ProxyAddresses {
  /// A network with less room is refused; below `roomy` it is a warning. Addresses, the network's own two not counted.
  static let least = 62
  static let roomy = 4094
  /// An app of some services, its old and new tasks side by side, and its neighbours doing the same.
  static let spare = 32
  /// A task that got no address stays `new`; others leave that state at once. Seconds.
  static let patience = 60.0

  public struct Network: Sendable, Equatable {
    public var name: String
    public var subnets: [String]
    /// Addresses of services and tasks.
    public var used: Int
    /// Seconds since their creation of the tasks on the whole swarm that are `new` and are wanted to run.
    public var newTasks: [Double]

    public init(name: String, subnets: [String], used: Int, newTasks: [Double] = []) {
      self.name = name
      self.subnets = subnets
      self.used = used
      self.newTasks = newTasks
    }
  }

  /// A warning, or nil.
  public static func judge(_ network: Network) throws(Failure) -> String? {
    // A network without a subnet of its own is not ours to judge.
    guard let room = room(network.subnets) else { return nil }
    let remake =
      "when nothing runs: docker network rm \(network.name) && docker network create -d overlay --attachable --subnet 10.200.0.0/16 \(network.name)"
    let size = "\(network.subnets.joined(separator: ", ")) has room for \(room) addresses"
    guard room >= least else { throw Failure(.config, "network \(network.name): is too small", why: size, next: remake) }
    guard room - network.used >= spare else {
      throw Failure(
        .tryAgain, "network \(network.name): has no addresses for another app", why: "\(network.used) of \(room) are taken",
        next: "remove apps that nobody needs, or \(remake)")
    }
    let stuck = network.newTasks.count { $0 > patience }
    guard stuck == 0 else {
      throw Failure(
        .tryAgain, "swarm gives new tasks no address", why: "\(stuck) of them got none in \(Int(patience)) s",
        next: "when no run is under way: systemctl restart docker, which finds lost addresses again")
    }
    return room >= roomy ? nil : "network \(network.name): \(size): lost ones add up, a /16 lasts longer"
  }

  /// Addresses that containers can have; nil when no subnet is known.
  static func room(_ subnets: [String]) -> Int? {
    let sizes = subnets.compactMap { subnet -> Int? in
      guard let slash = subnet.lastIndex(of: "/"), let bits = Int(subnet[subnet.index(after: slash)...]) else { return nil }
      let length = subnet.contains(":") ? 128 : 32
      guard (0...length).contains(bits) else { return nil }
      return length - bits > 40 ? 1 << 40 : max(0, (1 << (length - bits)) - 2)
    }
    return sizes.isEmpty ? nil : sizes.reduce(0, +)
  }
}

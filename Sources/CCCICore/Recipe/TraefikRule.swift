/// A rule of a traefik router, read as far as the hosts go that it can match.
///
/// `Host(`a`, `b`) && (PathPrefix(`/x`) || !Method(`GET`))`: matchers, `&&` before `||`, `!`, parentheses; texts in backticks or quotes.
struct TraefikRule {
  private indirect enum Term {
    /// Matches these hosts and no others.
    case hosts([String])
    /// Says nothing of the host, or nothing that can be told from its text.
    case open(String)
    case both(Term, Term)
    case either(Term, Term)
    case not(Term)
  }

  /// Which hosts the rule can match.
  enum Reach: Equatable {
    case own
    /// Own, and names below the own domain.
    case below([String])
    /// Any host of its entry point: `HostSNI(`*`)` and nothing else.
    case everything
    /// Not to be told, and why.
    case open(String)
    /// It names hosts that are not the app's.
    case foreign([String])
  }

  private let root: Term?
  private let problem: String

  init(_ text: String) {
    var parser = Parser(text: Array(text.unicodeScalars))
    root = parser.rule()
    problem = parser.problem
  }

  func reach(in context: PolicyContext) -> Reach {
    guard let root else { return .open(problem) }
    let hosts = Self.hosts(root)
    let foreign = hosts.filter { $0 != "*" && context.owner(ofHost: $0) == .other }
    if !foreign.isEmpty { return .foreign(foreign) }
    if case .hosts(let only) = root, only == ["*"] { return .everything }
    if let open = Self.opening(root) { return .open(open) }
    let below = hosts.filter { context.owner(ofHost: $0) == .below }
    return below.isEmpty ? .own : .below(below)
  }

  private static func hosts(_ term: Term) -> [String] {
    switch term {
    case .hosts(let names): names
    case .open: []
    case .both(let one, let other), .either(let one, let other): hosts(one) + hosts(other)
    case .not(let one): hosts(one)
    }
  }

  /// Why a term may match a host that it does not name; nil when it cannot.
  private static func opening(_ term: Term) -> String? {
    switch term {
    case .hosts(let names): names.isEmpty ? "names no host" : names.contains("*") ? "matches every host" : nil
    case .open(let why): why
    case .both(let one, let other): opening(one).flatMap { first in opening(other).map { $0.hasPrefix("names") ? first : $0 } }
    case .either(let one, let other): opening(one) ?? opening(other)
    case .not: "matches every host but some"
    }
  }

  /// A recursive descent. Anything unknown ends it: what is not understood is not accepted.
  private struct Parser {
    let text: [Unicode.Scalar]
    var place = 0
    var depth = 0
    var problem = ""

    mutating func rule() -> Term? {
      guard let term = either() else { return nil }
      blanks()
      return place == text.count ? term : fail()
    }

    private mutating func fail<Value>() -> Value? {
      if problem.isEmpty { problem = "cannot be read from character \(place + 1) on" }
      return nil
    }

    private mutating func either() -> Term? {
      guard var left = both() else { return nil }
      while take("||") {
        guard let right = both() else { return nil }
        left = .either(left, right)
      }
      return left
    }

    private mutating func both() -> Term? {
      guard var left = one() else { return nil }
      while take("&&") {
        guard let right = one() else { return nil }
        left = .both(left, right)
      }
      return left
    }

    private mutating func one() -> Term? {
      depth += 1
      defer { depth -= 1 }
      guard depth < 50 else { return fail() }
      if take("!") { return one().map { .not($0) } }
      if take("(") {
        guard let inner = either() else { return nil }
        return take(")") ? inner : fail()
      }
      return matcher()
    }

    private mutating func matcher() -> Term? {
      blanks()
      let name = String(String.UnicodeScalarView(text[place...].prefix { $0.isASCII && $0.properties.isAlphabetic }))
      place += name.count
      guard !name.isEmpty, take("("), let arguments = arguments() else { return fail() }
      switch name.lowercased() {
      case "host", "hostheader", "hostsni": return .hosts(arguments)
      case "hostregexp", "hostsniregexp": return .open("matches hosts by a pattern")
      default: return .open("names no host")
      }
    }

    private mutating func arguments() -> [String]? {
      var found: [String] = []
      if take(")") { return found }
      while let text = literal() {
        found.append(text)
        if take(")") { return found }
        guard take(",") else { return fail() }
      }
      return fail()
    }

    private mutating func literal() -> String? {
      blanks()
      guard place < text.count, text[place] == "`" || text[place] == "\"" else { return fail() }
      let quote = text[place]
      let inner = text[(place + 1)...].prefix { $0 != quote }
      // A backslash in quotes could spell any name.
      guard place + 1 + inner.count < text.count, quote == "`" || !inner.contains("\\") else { return fail() }
      place += inner.count + 2
      return String(String.UnicodeScalarView(inner))
    }

    private mutating func blanks() {
      while place < text.count, [" ", "\t", "\n", "\r"].contains(text[place]) { place += 1 }
    }

    private mutating func take(_ word: String) -> Bool {
      blanks()
      let scalars = Array(word.unicodeScalars)
      guard text[place...].starts(with: scalars) else { return false }
      place += scalars.count
      return true
    }
  }
}

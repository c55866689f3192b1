/// `[alerts]`: where alerts go.
public struct AlertSettings: Sendable, Equatable {
  /// The pause after a sink's first failure; each further one doubles it, up to 6 h.
  public var retry: Duration = .seconds(60)
  /// By name.
  public var sinks: [Sink] = []

  /// Somebody who is told: a program by its standard input, or a URL by a POST.
  public struct Sink: Sendable, Equatable {
    public enum Way: Sendable, Equatable {
      /// Program and arguments; no shell.
      case command([String])
      /// The token file, where there is one, becomes `Authorization: Bearer`.
      case post(url: String, tokenFile: String?)
    }

    public var name: String
    public var way: Way
    /// One line a day that all is well: silence is then a message.
    public var heartbeat: Bool

    public init(name: String, way: Way, heartbeat: Bool = false) {
      self.name = name
      self.way = way
      self.heartbeat = heartbeat
    }
  }

  public init() {}

  mutating func take(_ table: inout StrictTable) throws(Failure) {
    retry = try table.duration("retry") ?? retry
    for name in table.names where name != "retry" {
      guard var sink = try table.table(name) else { continue }
      sinks.removeAll { $0.name == name }
      sinks.append(try Self.sink(name, &sink))
      try sink.finish()
    }
    sinks.sort { $0.name < $1.name }
  }

  private static func sink(_ name: String, _ table: inout StrictTable) throws(Failure) -> Sink {
    let command = try table.strings("command")
    let url = try table.string("url")
    let tokenFile = try table.string("token_file")
    let heartbeat = try table.bool("heartbeat") ?? false
    switch (command, url) {
    case (let command?, nil) where command.first?.hasPrefix("/") == true && tokenFile == nil:
      return Sink(name: name, way: .command(command), heartbeat: heartbeat)
    case (nil, let url?) where url.hasPrefix("https://") || (url.hasPrefix("http://") && tokenFile == nil):
      return Sink(name: name, way: .post(url: url, tokenFile: tokenFile), heartbeat: heartbeat)
    case (_?, nil):
      throw table.problem("command", "is no absolute path, or has a token_file", next: "command = [\"/path/to/program\", \"argument\"]")
    case (nil, _?): throw table.problem("url", "is no http address, or would send a token over http", next: "url = \"https://…\"")
    case (_?, _?), (nil, nil): throw table.problem("command", "a sink is either a command or a url", next: "name exactly one of them")
    }
  }
}
